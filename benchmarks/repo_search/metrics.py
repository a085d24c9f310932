"""The benchmark's metrics over ranked hits; labels are files, or line ranges of files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from codesearch.evaluation import metrics
from codesearch.types import Hit


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
    """NDCG@10 (binary), MRR@10, hit@1, hit@5 and recall@50 of one query."""
    return metrics.scores(ranks(hits, targets), len(targets))


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else []
