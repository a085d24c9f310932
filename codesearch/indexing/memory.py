"""How much memory indexing may hold: helpers by plan, the worker by making place for another.

What a worker's libraries have taken they rarely give back, so what grew goes with its process.
"""

from __future__ import annotations

from codesearch.settings import IndexingSettings

_WORKER_MB = 500  # what one holds with the encoder loaded
_HELPER_MB = 80
# A worker encodes this many groups before another takes its place, some minute's work: to start
# takes seconds, and a budget that no worker can keep must not stop all progress.
_LEAST_GROUPS = 20


def helpers_within(settings: IndexingSettings, wanted: int) -> int:
    """How many helper processes there may be beside a worker: at least one, at most `wanted`."""
    return max(1, min(wanted, (settings.memory_mb - _WORKER_MB) // _HELPER_MB))


class OverBudgetError(Exception):
    """The worker holds more memory than it may; another one is to go on."""


class Budget:
    """What the worker may hold; looked at after each group of texts."""

    def __init__(self, settings: IndexingSettings) -> None:
        self._most_bytes = settings.memory_mb * 1_000_000
        self._groups = 0

    def check(self) -> None:
        """Count a group. Raises OverBudgetError when it is time to make place."""
        import psutil

        self._groups += 1
        held = psutil.Process().memory_info().rss
        if self._groups >= _LEAST_GROUPS and held > self._most_bytes:
            raise OverBudgetError(f"{held // 1_000_000} MB are more than indexing.memory_mb")
