"""Fusion: one order from several, by weighted reciprocal rank.

Scores of different views cannot be compared (a cosine, a BM25 sum), but ranks can. A unit gets
`weight / (K + rank)` from every view that found it; the sum is scaled so that a unit that is
first in every view that answered scores 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codesearch.search.recall import View

if TYPE_CHECKING:
    from codesearch.store import StoredUnit

# How fast a rank loses worth. 60 is the value of Cormack, Clarke and Büttcher (2009): the
# first places of one view do not outvote a unit that is well placed in two.
K = 60
# Meaning is what people come for, and it alone bridges different words for one thing.
VECTOR_WEIGHT = 1.0
# Words are precise when they hit, and all there is while vectors are missing; but a general
# word counts in BM25 wherever it stands, so they weigh a little less.
WORDS_WEIGHT = 0.8
# A definition of a typed name is seldom wrong. (When the whole query is a name, ranking puts
# its definitions first whatever stands here.)
NAME_WEIGHT = 1.2
# A typed path says exactly which files are meant.
PATH_WEIGHT = 2.0

WEIGHTS: Mapping[str, float] = {
    "vector": VECTOR_WEIGHT,
    "words": WORDS_WEIGHT,
    "name": NAME_WEIGHT,
    "path": PATH_WEIGHT,
}


@dataclass(slots=True)
class Candidate:
    """A unit on its way to becoming a hit. Its score is the sum of `parts`."""

    unit: StoredUnit
    parts: dict[str, float] = field(default_factory=dict)
    views: tuple[str, ...] = ()

    @property
    def score(self) -> float:
        return sum(self.parts.values())


def fuse(views: Sequence[View], weights: Mapping[str, float] = WEIGHTS) -> list[Candidate]:
    """The candidates of all views, each once, with a part of the score from each view."""
    scale = _scale([view for view in views if view.found], weights)
    candidates: dict[str, Candidate] = {}
    for view in views:
        for rank, found in enumerate(view.found, start=1):
            candidate = candidates.setdefault(found.unit.id, Candidate(found.unit))
            candidate.parts[view.name] = scale * weights[view.name] / (K + rank)
            candidate.views = (*candidate.views, view.name)
    return sorted(candidates.values(), key=lambda candidate: -candidate.score)


def _scale(views: Sequence[View], weights: Mapping[str, float]) -> float:
    total = sum(weights[view.name] for view in views)
    return (K + 1) / total if total else 0.0
