"""What a measure gives: a figure, what it is divided by in the same run, and its goal."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    `ratio` is to `peer`, measured in the same run; None without one. `met` is None where the issue
    sets no goal: such a line explains its neighbours.
    """

    measure: str
    value: float
    unit: str
    goal: str = ""
    met: bool | None = None
    peer: str = ""
    ratio: float | None = None


def against(
    measure: str,
    values: Sequence[float],
    peer: str,
    peers: Sequence[float],
    most: float | None = None,
    *,
    unit: str = "s",
) -> Figure:
    """What should be small against a peer's: medians of both, and the most the ratio may be."""
    value, other = statistics.median(values), statistics.median(peers)
    ratio = value / other
    goal, met = ("", None) if most is None else (f"≤ {most:g} of the peer", ratio <= most)
    return Figure(measure, value, unit, goal, met, f"{peer}: {other:.2f} {unit}", ratio)


def rate(measure: str, value: float, peer: str, other: float, *, least: float, unit: str) -> Figure:
    """A rate that should be large against a peer's."""
    ratio = value / other
    goal = f"≥ {least:g} of the peer"
    return Figure(measure, value, unit, goal, ratio >= least, f"{peer}: {other:.1f} {unit}", ratio)


def absolute(measure: str, value: float, unit: str, most: float) -> Figure:
    """A figure that has a goal of its own, in its own unit."""
    return Figure(measure, value, unit, f"≤ {most:g} {unit}", value <= most)


def at_least(measure: str, value: float, least: float) -> Figure:
    """A share that should be large."""
    return Figure(measure, value, "", f"≥ {least:g}", value >= least)


def told(measure: str, value: float, unit: str) -> Figure:
    """A figure without a goal."""
    return Figure(measure, value, unit)


def seconds(action: Callable[[], object]) -> float:
    """How long `action` takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def p95(values: Sequence[float]) -> float:
    """The value that one in twenty is above."""
    return sorted(values)[int(0.95 * (len(values) - 1))]
