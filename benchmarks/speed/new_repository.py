"""How soon a repository never seen can be searched: `python -m benchmarks.speed.new_repository`.

Each run has a cache of its own. Times are told as ratios to semble's cold search in the same run.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.speed.peer import Semble
from tests.server.client import Server

_POLL_SECONDS = 0.1


def main() -> None:
    """Measure, and print a Markdown table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path, help="a repository; ten thousand units are usual")
    parser.add_argument("--query", required=True, help="what is searched for")
    parser.add_argument("--expect", required=True, help="a name that the right answer has")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "speed")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    peer = Semble(given.work)
    figures: dict[str, list[float]] = {}
    for _ in range(given.runs):
        run = {"semble search": peer.cold(given.root, given.query)}
        run |= command(given.root, given.query, given.expect)
        run |= server(given.root, given.query, given.expect)
        for name, seconds in run.items():
            figures.setdefault(name, []).append(seconds)
    medians = {name: statistics.median(values) for name, values in figures.items()}
    limit = medians["semble search"]
    rows = [(name, value, value / limit) for name, value in medians.items()]
    if given.json:
        print(json.dumps({"runs": figures, "ratios": {name: ratio for name, _, ratio in rows}}))
        return
    print(f"{given.root.name}, medians of {given.runs} runs, {os.cpu_count()} processors\n")
    print("| from nothing to | seconds | of semble's cold search |\n|---|---|---|")
    for name, seconds, ratio in rows:
        print(f"| {name} | {seconds:.2f} | {ratio:.2f} |")


def command(root: Path, query: str, expected: str) -> dict[str, float]:
    """`codesearch search`: its answer, and its end, which comes when all files are read."""
    with tempfile.TemporaryDirectory() as cache:
        began = time.monotonic()
        with subprocess.Popen(
            [sys.executable, "-m", "codesearch", "search", query, "-C", str(root), "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "CODESEARCH_CACHE_DIR": cache},
        ) as running:
            assert running.stdout is not None
            names = [hit["name"] for hit in json.loads(running.stdout.readline())["hits"]]
            answered = time.monotonic() - began
        ended = time.monotonic() - began
    assert any(expected in name for name in names), names
    return {
        "`codesearch search`, right answer": answered,
        "`codesearch search`, every unit by its words": ended,
    }


def server(root: Path, query: str, expected: str) -> dict[str, float]:
    """The language server, from its start; asked as somebody who types would ask."""
    with tempfile.TemporaryDirectory() as cache:
        began = time.monotonic()
        client = Server(env={"CODESEARCH_CACHE_DIR": cache, "CODESEARCH_TEST": ""})
        client.open(root, options={})
        answered: dict[str, float] = {"server, `initialize` answered": time.monotonic() - began}
        while "server, right answer" not in answered:
            hits = client.search(query)
            if any(expected in hit["name"] for hit in hits):
                answered["server, right answer"] = time.monotonic() - began
            time.sleep(_POLL_SECONDS)
        while not _all_words(client):
            time.sleep(_POLL_SECONDS)
        answered["server, every unit by its words"] = time.monotonic() - began
        client.stop()
    return answered


def _all_words(client: Server) -> bool:
    root = client.status()["roots"][0]
    return root["phase"] in ("encoding", "ready") and not root["staleness"]["dirty"]


if __name__ == "__main__":
    main()
