"""A copy of a repository without the documentation that is asked for.

Blanks take the place of the words, so that nothing moves: a unit of the copy stands where the
same unit of the repository does. What the index makes of documentation elsewhere (a class's
header, a window) is then masked with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from codesearch.evaluation.questions import place_of
from codesearch.evaluation.survey import Documented, Survey, Tell
from codesearch.languages import documentation_ranges, parse, to_utf8
from codesearch.types import Kind, Unit
from codesearch.words import split_words

# What makes a string or comment one: without it, the file would read differently.
_OPENING = re.compile(rb"\s*(?:~[a-zA-Z]|[a-zA-Z]{1,3}(?=[\"']))")
_WORD = re.compile(rb"^=(?:begin|end)\b|[\w\x80-\xff]", re.MULTILINE)
_GIT_FILES = ".gitignore"  # what git tracks all the same must not be left out of the copy
_LEAST_FRAGMENT = 4  # words that nobody else writes in this order by chance


@dataclass(frozen=True, slots=True)
class Masked:
    """The copy's root, and the questions that can be asked of it."""

    root: Path
    documented: list[Documented]


def write_masked(found: Survey, asked: Sequence[Documented], target: Path, tell: Tell) -> Masked:
    """Copy the files of a survey to the folder `target` without the documentation of `asked`.

    A question is dropped where masking would change which units there are, and where its words
    stand elsewhere too. OSError if the disk is full.
    """
    of_path: dict[str, list[Documented]] = {}
    for one in asked:
        of_path.setdefault(one.path, []).append(one)
    kept: list[Documented] = []
    repeated: set[str] = set()
    fragments = _fragments(asked)
    for done, path in enumerate(found.files):
        tell("copying", done, len(found.files))
        source, masked = _masked(found, path, of_path.get(path, []))
        kept += masked
        repeated.update(name for fragment, name in fragments if fragment in source)
        if not path.endswith(_GIT_FILES):
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            (target / path).write_bytes(source)
    return Masked(target, [one for one in kept if one.unit_id not in repeated])


def blanked(source: bytes, ranges: Iterable[tuple[int, int]]) -> bytes:
    """`source` with a blank for every byte of a word in `ranges`; the marks around them stay."""
    masked = bytearray(source)
    for start, end in ranges:
        opening = _OPENING.match(source, start, end)
        first = opening.end() if opening else start
        masked[first:end] = _WORD.sub(_silence, source[first:end])
    return bytes(masked)


def _silence(word: re.Match[bytes]) -> bytes:
    return word.group() if len(word.group()) > 1 else b" "


def _masked(
    found: Survey, path: str, asked: Sequence[Documented]
) -> tuple[bytes, list[Documented]]:
    """A file's text for the copy, in UTF-8, and the questions whose words are gone from it."""
    try:
        source = to_utf8(found.read(path))
    except OSError:  # gone since the survey: it is not in the copy either
        return b"", []
    if not asked:
        return source, []
    ranges = documentation_ranges(path, source, found.limits)
    masked = blanked(source, [at for one in asked for at in ranges.get(one.unit_id, ())])
    units = {unit.id: unit for unit in parse(path, masked, found.limits).units}
    named = {place_of(unit) for unit in units.values() if unit.kind is not Kind.WINDOW}
    if named != found.files[path]:
        return source, []
    return masked, [one for one in asked if _is_silent(units[one.unit_id], one)]


def _is_silent(unit: Unit, asked: Documented) -> bool:
    return not split_words(unit.documentation) and asked.question.text not in unit.body


def _fragments(asked: Iterable[Documented]) -> list[tuple[bytes, str]]:
    return [
        (one.fragment.encode(), one.unit_id)
        for one in asked
        if len(one.fragment.split()) >= _LEAST_FRAGMENT
    ]
