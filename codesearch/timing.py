"""How long the stages of answers took: counted in a process, kept for others beside its index."""

from __future__ import annotations

import json
import math
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from codesearch.paths import index_home, replace_file

_LATEST = 1000  # so many of a stage are remembered
_FILE = "latency.json"


@dataclass(frozen=True, slots=True)
class Latency:
    """Of one stage: how often it ran, and percentiles of the latest runs, in milliseconds."""

    count: int
    p50: float
    p90: float
    p99: float


class Timings:
    """The stages of one searcher's answers. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, int] = {}
        self._latest: dict[str, deque[float]] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what is done inside; what fails or is cancelled does not count."""
        began = time.perf_counter()
        yield
        self.add(name, time.perf_counter() - began)

    def add(self, name: str, seconds: float) -> None:
        """Count one run of a stage."""
        with self._lock:
            self._counts[name] = self._counts.get(name, 0) + 1
            self._latest.setdefault(name, deque(maxlen=_LATEST)).append(seconds)

    def summary(self) -> dict[str, Latency]:
        """Every stage that ran, in the order in which they first did."""
        with self._lock:
            taken = [(name, self._counts[name], sorted(v)) for name, v in self._latest.items()]
        return {name: _latency(count, seconds) for name, count, seconds in taken}


def _latency(count: int, seconds: list[float]) -> Latency:
    def percentile(share: float) -> float:
        return round(1000 * seconds[math.ceil(share * len(seconds)) - 1], 3)

    return Latency(count, percentile(0.5), percentile(0.9), percentile(0.99))


def write_latency(root: Path, summary: Mapping[str, Latency]) -> None:
    """Keep it beside the index of `root`, in place of what was there. OSError if that fails."""
    text = json.dumps({name: asdict(latency) for name, latency in summary.items()})
    replace_file(index_home(root) / _FILE, text)


def read_latency(root: Path) -> dict[str, Latency]:
    """What the last server to answer for `root` kept; nothing if none did."""
    try:
        values = json.loads((index_home(root) / _FILE).read_bytes())
        return {name: Latency(**latency) for name, latency in values.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
