"""All measures in one run: `python -m benchmarks.speed.table ROOT`.

ROOT is a git repository or a folder with code; 50,000 units are usual. CODESEARCH_CACHE_DIR may
name a cache that has its vectors already: encoding all of it is not what is measured here.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.speed import beside, commands, scale, server, upkeep
from benchmarks.speed.figures import Figure
from benchmarks.speed.peer import Semble
from benchmarks.speed.places import Places

Measure = Callable[[], list[Figure]]
_BEGIN, _END = "<!-- table: begin -->", "<!-- table: end -->"


def main() -> None:
    """Measure and print; the exit code is 0 whatever goals are missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path)
    parser.add_argument(
        "--only", help="some measures, separated by commas, or none; others stay in --json"
    )
    parser.add_argument("--work", type=Path, help="keep the copies here for the next run")
    parser.add_argument("--peers", type=Path, default=Path(tempfile.gettempdir()) / "speed")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--sizes", default="10000,100000,1000000", help="of `scale`, in units")
    parser.add_argument("--json", type=Path, help="put the figures into this record")
    parser.add_argument("--markdown", type=Path, help="put the record's table into this page")
    given = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed has been compiled
    with tempfile.TemporaryDirectory() as folder:
        places = Places(given.root.resolve(), (given.work or Path(folder)).resolve())
        sizes = [*map(int, given.sizes.split(","))]
        every = measures(places, given.peers.resolve(), given.runs, sizes)
        chosen = every if given.only is None else filter(None, given.only.split(","))
        record = _record(given.json)
        for name in chosen:
            print(f"{name} …", file=sys.stderr, flush=True)
            figures = [asdict(figure) for figure in every[name]()]
            load, _, _ = os.getloadavg()
            record[name] = {"load": round(load, 1), "figures": figures}
            if given.json:  # after each: the next one may fail
                given.json.write_text(json.dumps(record, indent=1) + "\n")
    rows = "\n".join(lines([*map(_figure, _in_order(record, every))]))
    print(rows)
    if given.markdown:
        before, _, rest = given.markdown.read_text().partition(_BEGIN)
        after = rest.partition(_END)[2]
        given.markdown.write_text(f"{before}{_BEGIN}\n{rows}\n{_END}{after}")


def measures(places: Places, peers: Path, runs: int, sizes: Sequence[int]) -> dict[str, Measure]:
    """Every measure by its name, in the order of the table."""
    peers.mkdir(parents=True, exist_ok=True)
    return {
        "first": lambda: commands.first(places, Semble(peers), runs),
        "shell": lambda: commands.shell(places, Semble(peers), runs),
        "started": partial(server.started, places, runs),
        "throughput": partial(beside.throughput, places, peers),
        "unchanged": partial(upkeep.unchanged, places, runs),
        "saved": partial(upkeep.saved, places, 8 * runs),
        "switched": partial(upkeep.switched, places, runs),
        "asked": partial(server.asked, places, runs),
        "stalls": partial(beside.stalls, places, 3),
        "disk": partial(upkeep.disk, places, 1_000),
        "manners": partial(beside.manners, places, 3),
        "scale": partial(scale.figures, places.root, places.work / "scale", sizes),
    }


def lines(figures: Sequence[Figure]) -> list[str]:
    """The table, one line a figure."""
    rows = ["| measure | figure | peer in the same run | ratio | goal | met |", "|---" * 6 + "|"]
    for one in figures:
        ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
        met = {None: "", True: "yes", False: "**no**"}[one.met]
        value = f"{one.value:.{0 if one.value >= 100 else 2}f} {one.unit}".strip()
        rows.append(f"| {one.measure} | {value} | {one.peer} | {ratio} | {one.goal} | {met} |")
    return rows


def _record(file: Path | None) -> dict[str, Any]:
    if file is None or not file.is_file():
        return {}
    record: dict[str, Any] = json.loads(file.read_text())
    return record


def _in_order(record: Mapping[str, Any], names: Mapping[str, Measure]) -> list[dict[str, Any]]:
    return [one for name in names if name in record for one in record[name]["figures"]]


def _figure(values: Mapping[str, Any]) -> Figure:
    return Figure(**values)


if __name__ == "__main__":
    main()
