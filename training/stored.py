"""Batches drawn ahead of time, so that training itself reads text and nothing else."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import astuple
from itertools import islice
from pathlib import Path
from typing import Any

from training.batches import batches, load_groups
from training.pairs import Pair

_FILE = "batches.jsonl.gz"


def draw(data: Path, count: int, *, seed: int = 1, size: int = 32) -> dict[str, Any]:
    """Write `count` batches of `size` pairs, and what they were drawn from, into `data`."""
    groups = load_groups(data)
    objectives: Counter[str] = Counter()
    with gzip.open(data / f"{_FILE}.new", "wt", encoding="utf-8", compresslevel=4) as stream:
        for batch in islice(batches(groups, seed, size), count):
            objectives.update(pair.objective for pair in batch)
            stream.write(json.dumps([astuple(pair) for pair in batch]) + "\n")
    (data / f"{_FILE}.new").replace(data / _FILE)
    documented: Counter[str] = Counter()
    for group in groups:
        documented[group.language] += len(group.documented)
    drawn = {
        "seed": seed,
        "size": size,
        "batches": count,
        "objectives": dict(objectives.most_common()),
        "groups": len(groups),
        "documented": dict(documented.most_common()),
        "bare": sum(len(group.bare) for group in groups),
    }
    (data / "drawn.json").write_text(json.dumps(drawn, indent=1) + "\n")
    return drawn


def drawn(data: Path) -> dict[str, Any]:
    """What `draw` wrote of its sources."""
    found: dict[str, Any] = json.loads((data / "drawn.json").read_text())
    return found


def stored(data: Path, start: int = 0) -> Iterator[list[Pair]]:
    """The stored batches from number `start` on, over and over."""
    while True:
        with gzip.open(data / _FILE, "rt", encoding="utf-8") as stream:
            for number, line in enumerate(stream):
                if number >= start:
                    yield [Pair(*row) for row in json.loads(line)]
        start = 0
