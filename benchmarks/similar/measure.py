"""What `similar` answers, compared with what it should, as plain figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from benchmarks.similar.pairs import Case
from codesearch.types import Hit, Span, Unit

DEPTH = 10
LIMIT = 50  # hits asked for: those that do not count are left out afterwards
_TOP = 5


def pair_scores(hits: Sequence[Hit], case: Case) -> dict[str, float]:
    """MRR, hit@1, hit@5 and recall@10 of the partners in other files; and the same file's share.

    The origin itself and partners beside it count neither for nor against.
    """
    left_out = [case.origin, *case.beside]
    counted = [hit for hit in hits if not any(_is(hit, unit) for unit in left_out)]
    ranks = [
        rank
        for rank, hit in enumerate(counted[:DEPTH], 1)
        if any(_is(hit, unit) for unit in case.others)
    ]
    first = ranks[0] if ranks else 0
    own = sum(hit.path == case.origin.path for hit in counted[:_TOP])
    return {
        "mrr": 1 / first if first else 0.0,
        "hit1": float(first == 1),
        "hit5": float(0 < first <= _TOP),
        "recall10": len(ranks) / min(DEPTH, len(case.others)),
        "same_file5": own / _TOP,
    }


def original_rank(hits: Sequence[Hit], original: Unit, copies: Iterable[Unit]) -> int:
    """The 1-based rank of the original, or of an exact copy of it; 0 if it is not there."""
    wanted = [original, *copies]
    for rank, hit in enumerate(hits, 1):
        if any(_is(hit, unit) for unit in wanted):
            return rank
    return 0


def mean(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each figure, and how many there are."""
    if not rows:
        return {"count": 0}
    return {"count": len(rows)} | {
        key: sum(row[key] for row in rows) / len(rows) for key in rows[0]
    }


def _is(hit: Hit, unit: Unit) -> bool:
    return hit.path == unit.path and _same(hit.span, unit.span)


def _same(one: Span, other: Span) -> bool:
    return (one.start_byte, one.end_byte) == (other.start_byte, other.end_byte)
