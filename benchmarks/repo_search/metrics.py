"""The benchmark's metrics over ranked hits; labels are files, or line ranges of files."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from codesearch.types import Hit

DEPTH = 10  # NDCG@10
RECALL_DEPTH = 50


@dataclass(frozen=True, slots=True)
class Label:
    """A place that answers a query; lines are 1-based and inclusive, None for a whole file."""

    path: str
    start_line: int | None = None
    end_line: int | None = None

    def matches(self, hit: Hit) -> bool:
        """Whether `hit` lies in this file (or ends with its path) and overlaps its lines."""
        if hit.path != self.path and not self._ends_alike(hit.path):
            return False
        if self.start_line is None or self.end_line is None:
            return True
        return hit.span.start_line < self.end_line and hit.span.end_line + 1 >= self.start_line

    def _ends_alike(self, path: str) -> bool:
        # Only `root` is indexed, so a label from the checkout's top may be the longer one.
        return path.endswith("/" + self.path) or self.path.endswith("/" + path)


def labels(annotation: Mapping[str, object]) -> list[Label]:
    """All labels of one annotation; `secondary` counts like `relevant`."""
    entries = [*_list(annotation.get("relevant")), *_list(annotation.get("secondary"))]
    return [Label(entry) if isinstance(entry, str) else Label(**entry) for entry in entries]


def ranks(hits: Sequence[Hit], targets: Sequence[Label]) -> list[int]:
    """The 1-based rank of the first hit of each target that was found, in ascending order."""
    found = []
    for target in targets:
        rank = next((i for i, hit in enumerate(hits, 1) if target.matches(hit)), None)
        if rank is not None:
            found.append(rank)
    return sorted(found)


def scores(hits: Sequence[Hit], targets: Sequence[Label]) -> dict[str, float]:
    """NDCG@10 (binary), hit@1, hit@5, MRR and recall@50 of one query."""
    found = ranks(hits, targets)
    ideal = sum(1 / math.log2(i + 1) for i in range(1, min(DEPTH, len(targets)) + 1))
    gain = sum(1 / math.log2(rank + 1) for rank in found if rank <= DEPTH)
    first = found[0] if found else math.inf
    return {
        "ndcg10": gain / ideal,
        "hit1": float(first <= 1),
        "hit5": float(first <= 5),
        "mrr": 1 / first if first <= DEPTH else 0.0,
        "recall50": sum(rank <= RECALL_DEPTH for rank in found) / len(targets),
    }


def mean(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each metric."""
    return {key: sum(row[key] for row in rows) / len(rows) for key in rows[0]}


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else []
