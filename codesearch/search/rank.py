"""Ranking: what is known about a candidate besides which views found it.

Three kinds of evidence, kept apart until the order is made:

- its own: the views' scores and its name;
- its file's: shared by all its units, so it counts for the first hit of a file alone, or one
  good file would fill the page (`Stages.once`);
- definitions of a typed name, which come before everything (invariant 11).

Places that are seldom meant take a share of the first two. In the end each is a named part of the
score, so that the parts always add up to it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from codesearch.search.definitions import definition_points
from codesearch.search.files import coherence, named_for, words_within
from codesearch.search.fusion import Candidate
from codesearch.search.matching import agreement, root, roots
from codesearch.search.places import shares
from codesearch.search.stages import ALL_STAGES, Stages
from codesearch.search.understand import QueryKind, Understood, telling_words
from codesearch.types import Kind

# A unit that is named for what is asked does it; others only take part in it.
OWN_NAME = 0.75
# A further hit of a file loses this share: one can be reached from the first.
AGAIN_SHARE = 0.1


@dataclass(slots=True)
class _Scored:
    """A candidate with what is to be added to its own parts."""

    candidate: Candidate
    file: Mapping[str, float]
    shares: Mapping[str, float]
    points: Mapping[str, float]
    first: float = 0.0  # the score as the first hit of its file
    again: float = 0.0  # the score as a further one

    def settle(self, *, again: bool) -> Candidate:
        """The candidate, its parts complete."""
        parts = self.candidate.parts
        if not again:
            parts.update(self.file)
        rest = self.candidate.score
        taken = {**self.shares, **({"same file": AGAIN_SHARE} if again else {})}
        for name, share in taken.items():
            parts[name] = -share * rest
            rest += parts[name]
        parts.update(self.points)
        return self.candidate


def rank(
    candidates: Sequence[Candidate], query: Understood, stages: Stages = ALL_STAGES
) -> list[Candidate]:
    """All of `ranked`."""
    return list(ranked(candidates, query, stages))


def ranked(
    candidates: Sequence[Candidate], query: Understood, stages: Stages = ALL_STAGES
) -> Iterator[Candidate]:
    """`candidates` with their last parts added, best first; equals by place in the tree.

    They are made as they are asked for: a page shows few of them.
    """
    asked = asked_roots(query)
    of_files = _of_files(candidates, asked, stages)
    scored = []
    for candidate in candidates:
        unit = candidate.unit
        if stages.own_names and unit.kind is not Kind.WINDOW:
            _add_name(candidate, asked)
        taken = shares(candidate, query) if stages.places else {}
        points = definition_points(unit, query) if stages.definitions else {}
        scored.append(_with_scores(_Scored(candidate, of_files[unit.path], taken, points)))
    scored.sort(key=_order)
    return _each_file_once(scored) if stages.once else _as_they_are(scored)


def _of_files(
    candidates: Sequence[Candidate], asked: tuple[str, ...], stages: Stages
) -> dict[str, Mapping[str, float]]:
    """What speaks for each path of the candidates."""
    shared = {
        "file": coherence(candidates) if stages.coherence else {},
        "file words": words_within(candidates) if stages.coherence else {},
    }
    found: dict[str, Mapping[str, float]] = {}
    for path in dict.fromkeys(candidate.unit.path for candidate in candidates):
        parts = {name: of_paths[path] for name, of_paths in shared.items() if path in of_paths}
        found[path] = {**parts, **(named_for(asked, path) if stages.file_names else {})}
    return found


def asked_roots(query: Understood) -> tuple[str, ...]:
    """The words of a question that names can be compared with. Code has too many."""
    if query.kind is QueryKind.CODE:
        return ()
    return tuple(dict.fromkeys(root(word) for word in telling_words(query.text)))


def _add_name(candidate: Candidate, asked: tuple[str, ...]) -> None:
    name = roots(candidate.unit.name)
    if asked and name and (part := agreement(asked, name)):
        candidate.parts["own name"] = OWN_NAME * part


def _with_scores(one: _Scored) -> _Scored:
    own, kept, points = one.candidate.score, _kept(one.shares.values()), sum(one.points.values())
    one.first = (own + sum(one.file.values())) * kept + points
    one.again = own * kept * (1 - AGAIN_SHARE) + points
    return one


def _kept(taken: Iterable[float]) -> float:
    kept = 1.0
    for share in taken:
        kept *= 1 - share
    return kept


def _order(one: _Scored) -> tuple[float, str, int]:
    return -one.first, one.candidate.unit.path, one.candidate.unit.span.start_byte


def _as_they_are(scored: Iterable[_Scored]) -> Iterator[Candidate]:
    return (one.settle(again=False) for one in scored)


def _each_file_once(scored: Sequence[_Scored]) -> Iterator[Candidate]:
    """Best first, where what speaks for a file speaks for its first hit.

    A score only falls when its file comes up, so the best of the queue may be given at once if
    its score is already that of a further hit.
    """
    queue = [(-one.first, place, False) for place, one in enumerate(scored)]
    seen: set[str] = set()
    while queue:  # sorted already, and so a heap
        _, place, again = heapq.heappop(queue)
        one = scored[place]
        if one.candidate.unit.path in seen and not again:
            heapq.heappush(queue, (-one.again, place, True))
            continue
        seen.add(one.candidate.unit.path)
        yield one.settle(again=again)
