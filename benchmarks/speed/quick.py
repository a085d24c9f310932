"""A check for regressions before a change is sent: `python -m benchmarks.speed.quick`.

Ratios alone, taken in one run, so that it says the same on a slow machine and a busy one: what has
no peer of its own is divided by the time to import pygls. It measures in a copy of this
repository, or of the one that is named, fetches nothing, and takes some five minutes on two
processors. The exit code is 1 if a bound is passed.

The bounds are not the goals of docs/performance.md. They stand some way from what was measured, for
runs are few and noise is large: a figure that passes one is worth measuring again.
"""

from __future__ import annotations

import argparse
import math
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.speed import beside, commands, server, upkeep
from benchmarks.speed.figures import Figure, seconds
from benchmarks.speed.places import Places

# The least and the most of a ratio, by the beginning of its measure's name. What has neither a
# peer nor a time is bounded as it is.
BOUNDS = {
    "`initialize` answered": (0.0, 2.0),
    "warm start": (0.0, 8.0),
    "`codesearch search`, index complete": (0.0, 2.0),
    "nothing changed: `warmup`": (0.0, 2.0),
    "nothing changed: server": (0.0, 6.0),
    "save to searchable": (0.0, 2.0),
    "query through the protocol, p50": (0.0, 0.2),
    "typing with cancellation": (0.0, 0.3),
    "memory of the idle server": (0.0, 400.0),
    "warm-up, all stages": (0.6, math.inf),
    "memory while indexing": (0.0, 1200.0),
    "… texts encoded for it": (0.0, 0.0),
    "index over source": (0.0, 5.0),
}


# In a repository this small, `git status` takes too little time to divide by.
_BY_CLOCK = "nothing changed"


def main() -> None:
    """Measure, print, and exit with 1 if something is out of its bounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path, nargs="?", default=Path(__file__).parents[2])
    parser.add_argument("--only", help="some measures, separated by commas")
    given = parser.parse_args()
    print("| measure | ratio | bound | |\n|---|---|---|---|", flush=True)
    out = False
    with tempfile.TemporaryDirectory() as work:
        every = measures(Places(given.root.resolve(), Path(work), texts=600))
        chosen = given.only.split(",") if given.only else every
        for name in chosen:
            clock = _clock()  # each time: other work comes and goes
            for figure in every[name]():
                out = _is_out(figure, clock) or out
    sys.exit(1 if out else 0)


def _is_out(figure: Figure, clock: float) -> bool:
    """Print the line of a figure that has bounds; True if it passed one."""
    name = next((name for name in BOUNDS if figure.measure.startswith(name)), None)
    if name is None:
        return False
    least, most = BOUNDS[name]
    ratio = _ratio(figure, clock)
    kept = least <= ratio <= most
    bound = f"≤ {most:g}" if math.isfinite(most) else f"≥ {least:g}"
    mark = "" if kept else "**passed**"
    print(f"| {figure.measure} | {ratio:.2f} | {bound} | {mark} |", flush=True)
    return not kept


def measures(places: Places) -> dict[str, Callable[[], list[Figure]]]:
    """What is measured, few times each."""
    return {
        "started": lambda: server.started(places, 2),
        "search": lambda: commands.alone(places, 2),
        "unchanged": lambda: upkeep.unchanged(places, 2),
        "saved": lambda: upkeep.saved(places, 8),
        "asked": lambda: server.asked(places, 1),
        "switched": lambda: upkeep.switched(places, 1),
        "disk": lambda: upkeep.disk(places, 20),
        "throughput": lambda: beside.throughput(places, None),
    }


def _clock() -> float:
    """Seconds to import pygls: how fast this machine is now."""
    command = [sys.executable, "-c", "import pygls.lsp.server"]
    return statistics.median(seconds(lambda: subprocess.run(command, check=True)) for _ in range(3))


def _ratio(figure: Figure, clock: float) -> float:
    if figure.ratio is not None and not figure.measure.startswith(_BY_CLOCK):
        return figure.ratio
    return figure.value / {"s": clock, "ms": 1000 * clock}.get(figure.unit, 1.0)


if __name__ == "__main__":
    main()
