"""A long day with one server: what it holds at the end is what it held in the morning.

`CODESEARCH_SOAK_SECONDS=14400 pytest tests/torture/test_soak.py -s` is the long form.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server.client import Server
from tests.torture.day import Day, growth
from tests.torture.scale import SECONDS, SEED

_DAY_SECONDS = float(os.environ.get("CODESEARCH_SOAK_SECONDS", "0"))
_LEAST_ROUNDS = 16
_TOLD_EVERY = 20  # rounds
# What the last quarter may have above the second one: a share of it, and some more.
_TOLERANCES = {
    "server": (0.10, 12),
    "children": (0.25, 40),  # the worker comes and goes
    "threads": (0.0, 16),  # LanceDB's pool is as large as the most that was asked at once
    "descriptors": (0.0, 6),
    "disk": (0.5, 20),  # old versions of the table wait for a moment of rest
}

pytestmark = pytest.mark.timeout(1_200 + SECONDS + 3 * _DAY_SECONDS)


def test_a_day_leaves_nothing_behind(start: Callable[..., Server], tmp_path: Path) -> None:
    day = Day(tmp_path / "root", SEED, start)
    began = time.monotonic()
    while len(day.samples) < _LEAST_ROUNDS or time.monotonic() - began < _DAY_SECONDS:
        day.round()
        if len(day.samples) % _TOLD_EVERY == 0:
            print(f"{time.monotonic() - began:.0f} s, {day.steps} steps: {day.samples[-1]}")
    figures = growth(day.samples)
    print(f"{day.steps} steps; second quarter and last: {figures}")
    for name, (second, last) in figures.items():
        share, more = _TOLERANCES[name]
        assert last <= second * (1 + share) + more, (name, second, last)
    assert day.server.stop() == 0
