"""Fusion: one list of candidates from several views.

`blend` adds up the views' scores, brought to one scale: how far a unit is from the best tells more
than its rank, since a question has one good answer or fifty. `fuse_ranks` adds up reciprocal
ranks and is there to be compared with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codesearch.search.recall import View

if TYPE_CHECKING:
    from codesearch.store import Found, StoredUnit

# Meaning is what people come for, and it alone bridges different words for one thing. Words are
# precise when they hit, but a general word counts in BM25 wherever it stands.
WEIGHTS: Mapping[str, float] = {"vector": 2.0, "words": 1.0}
# What a view adds for certain: a definition of a typed name is seldom wrong, and a typed path
# says which files are meant, whatever else is found.
CERTAIN: Mapping[str, float] = {"name": 0.5, "path": 4.0}
# ... and a name that is nearly what was typed, where nothing is defined under that one, is more
# likely meant than anything that only has to do with it.
NEAR_NAME = 2.0

# Cosines that differ by less are no reason to call one candidate good and the other bad, as when
# a filter leaves two.
_LEAST_SPREAD = 0.2

# Reciprocal ranks: 60 is the value of Cormack, Clarke and Büttcher (2009).
_K = 60
_RANK_WEIGHTS: Mapping[str, float] = {
    "vector": 1.0,
    "words": 0.8,
    "name": 1.2,
    "near": 1.2,
    "path": 2.0,
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


def blend(views: Sequence[View]) -> list[Candidate]:
    """The candidates of all views, each once. Meaning and words give 1 at most together."""
    total = sum(WEIGHTS.get(view.name, 0.0) for view in views if view.found)

    def worth(view: View) -> Iterable[float]:
        if view.name in CERTAIN:
            return (CERTAIN[view.name] for _ in view.found)
        if view.name == "near":
            return (NEAR_NAME * one.score for one in view.found)
        share = WEIGHTS[view.name] / total
        return (share * score for score in _SCALES[view.name](view.found))

    return _collected(views, worth)


def fuse_ranks(views: Sequence[View]) -> list[Candidate]:
    """The candidates of all views, each once: `weight / (60 + rank)` from each view.

    Scaled so that a unit which is first in every view that answered has 1.
    """
    total = sum(_RANK_WEIGHTS[view.name] for view in views if view.found)

    def worth(view: View) -> Iterable[float]:
        scale = (_K + 1) * _RANK_WEIGHTS[view.name] / total
        return (scale / (_K + rank) for rank in range(1, len(view.found) + 1))

    return _collected(views, worth)


def _collected(views: Sequence[View], worth: Callable[[View], Iterable[float]]) -> list[Candidate]:
    candidates: dict[str, Candidate] = {}
    for view in views:
        if not view.found:
            continue
        for found, score in zip(view.found, worth(view), strict=True):
            candidate = candidates.setdefault(found.unit.id, Candidate(found.unit))
            candidate.parts[view.name] = score
            candidate.views = (*candidate.views, view.name)
    return sorted(candidates.values(), key=lambda candidate: -candidate.score)


def _from_worst_to_best(found: Sequence[Found]) -> list[float]:
    """Cosines have no zero of their own: everything is a little like everything."""
    best, worst = found[0].score, found[-1].score
    spread = max(best - worst, _LEAST_SPREAD)
    return [1.0 - (best - one.score) / spread for one in found]


def _of_the_best(found: Sequence[Found]) -> list[float]:
    """BM25 has: a unit that holds none of the words."""
    best = found[0].score
    return [one.score / best if best > 0 else 0.0 for one in found]


_SCALES: Mapping[str, Callable[[Sequence[Found]], list[float]]] = {
    "vector": _from_worst_to_best,
    "words": _of_the_best,
}
