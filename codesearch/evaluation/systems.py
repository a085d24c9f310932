"""What a search is compared with: the same engine with most of its stages switched off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace

from codesearch.search import Stages

EVERYTHING = "everything"
WORDS_ONLY = "words only"
VECTORS_ONLY = "vectors only"

NOTHING = replace(Stages(), **{field.name: False for field in fields(Stages)})

SYSTEMS: Mapping[str, Stages] = {
    EVERYTHING: Stages(),
    WORDS_ONLY: replace(NOTHING, words=True, calibrated=True),
    VECTORS_ONLY: replace(NOTHING, vectors=True, calibrated=True),
}
