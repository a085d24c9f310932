"""How good an answer is, from where the right units stand in it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

DEPTH = 10  # of NDCG and MRR: about a page
RECALL_DEPTH = 50


def scores(ranks: Sequence[int], wanted: int) -> dict[str, float]:
    """NDCG@10 (binary), MRR@10, hit@1, hit@5 and recall@50 of one answer.

    `ranks` are the 1-based ranks of the right ones that were found, `wanted` is how many there are.
    """
    ideal = sum(1 / math.log2(i + 1) for i in range(1, min(DEPTH, wanted) + 1))
    gain = sum(1 / math.log2(rank + 1) for rank in ranks if rank <= DEPTH)
    first = min(ranks, default=math.inf)
    return {
        "ndcg10": gain / ideal,
        "mrr": 1 / first if first <= DEPTH else 0.0,
        "hit1": float(first <= 1),
        "hit5": float(first <= 5),
        "recall50": sum(rank <= RECALL_DEPTH for rank in ranks) / wanted,
    }


def mean(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each metric; there is at least one row."""
    return {key: sum(row[key] for row in rows) / len(rows) for key in rows[0]}


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that `percent` of `values` do not exceed; there is at least one."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]
