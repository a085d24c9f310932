"""What decides a training run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """Everything that decides a run."""

    base: Path
    data: Path
    out: Path
    start: Path | None = None  # weights to go on from, with `rank` a run; the base's if None
    seed: int = 1
    steps: int = 100_000  # whichever of the two bounds is reached first
    minutes: float = 60.0
    chunk: int = 16  # texts in one forward pass
    rate: float = 1e-4
    warmup: float = 0.04  # of the run
    max_tokens: int = 128
    keep: float = 2.0  # weight of the base's geometry on questions
    save_minutes: float = 5.0
    log_every: int = 10
    device: str = "cpu"
    cached: bool = False  # gradient caching: batches larger than memory
    threads: int = 2
    rank: int = 0  # of the change to each matrix; 0: all weights are trained
