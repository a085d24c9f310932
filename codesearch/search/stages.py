"""Which stages of a search are at work. For measuring what each is worth; users have them all."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stages:
    """One switch a stage, all on."""

    vectors: bool = True  # recall by meaning
    words: bool = True  # recall by words
    names: bool = True  # recall by typed names
    calibrated: bool = True  # views are blended by their scores; else by ranks alone
    own_names: bool = True  # the question's words in a unit's own name
    coherence: bool = True  # files of which many units answer
    file_names: bool = True  # the question's words in the names of file and folders
    places: bool = True  # tests, vendored code, prose and windows stand back
    once: bool = True  # what speaks for a file counts for its first hit alone
    shape: bool = True  # "similar" alone: the same shape under other names
    definitions: bool = True  # definitions of the typed name before everything


ALL_STAGES = Stages()
