"""Commands from a shell: the first answer about a repository never seen, and those after it.

The peer is semble, which embeds with static vectors: the fastest to a first answer that we know.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.speed.figures import Figure, against
from benchmarks.speed.peer import Semble
from benchmarks.speed.places import SEARCH, WARMUP, Places, run
from codesearch.languages import parse
from codesearch.types import Kind
from codesearch.words import split_words
from tests.server.client import Server

_POLL_SECONDS = 0.05
_TELLING = 3  # different words in a name
_PEER = "semble's cold `search`"


def first(places: Places, peer: Semble, runs: int) -> list[Figure]:
    """From nothing to the first right answer, of the command and of the server."""
    root = places.part
    query, expected = _asked(root)
    cold: list[float] = []
    answered: list[float] = []
    ended: list[float] = []
    served: list[float] = []
    read: list[float] = []
    for _ in range(runs):
        cold.append(peer.cold(root, query))
        for times, took in zip((answered, ended), _command(root, query, expected), strict=True):
            times.append(took)
        for times, took in zip((served, read), _server(root, query, expected), strict=True):
            times.append(took)
    return [
        against("new repository: `codesearch search`, right answer", answered, _PEER, cold, 0.5),
        against("… until every unit is found by its words", ended, _PEER, cold),
        against(
            "new repository: server after `initialize`, right answer", served, _PEER, cold, 0.5
        ),
        against("… until every unit is found by its words", read, _PEER, cold),
    ]


def shell(places: Places, peer: Semble, runs: int) -> list[Figure]:
    """`codesearch search` as a whole process, when the index is complete."""
    query, _ = _asked(places.part)
    figures = []
    for root, size in ((places.part, "a part"), (places.whole, "all")):
        run([*WARMUP, str(root)])
        with tempfile.TemporaryDirectory() as home:
            peer.search(root, query, home)
            ours, theirs = [], []
            for _ in range(runs):
                theirs.append(peer.search(root, query, home))
                began = time.perf_counter()
                run([*SEARCH, query, "-C", str(root)])
                ours.append(time.perf_counter() - began)
        name = f"`codesearch search`, index complete ({size} of the repository)"
        figures.append(against(name, ours, "semble's warm `search`", theirs, 1.0))
    return figures


def alone(places: Places, runs: int) -> list[Figure]:
    """The same without semble, for a check that fetches nothing: against starting Python."""
    query, _ = _asked(places.whole)
    ours, bare = [], []
    for _ in range(runs):
        began = time.perf_counter()
        run([*SEARCH, query, "-C", str(places.whole)])
        ours.append(time.perf_counter() - began)
        began = time.perf_counter()
        run([*SEARCH[:1], "-c", "import lancedb, numpy, tokenizers"])
        bare.append(time.perf_counter() - began)
    return [against("`codesearch search`, index complete", ours, "importing its libraries", bare)]


def _asked(root: Path) -> tuple[str, str]:
    """A question in words, and the name of what it asks for: a function with a telling name."""
    best: tuple[int, str] = (0, "")
    for path in sorted(root.rglob("*.*")):
        place = path.relative_to(root)
        if ".git" in place.parts or "test" in str(place).lower() or not path.is_file():
            continue
        for unit in parse(path.name, path.read_bytes()).units:
            if unit.kind is Kind.FUNCTION:
                best = max(best, (len(set(split_words(unit.name))), unit.name))
        if best[0] >= _TELLING:
            break
    if not best[1]:
        raise ValueError(f"{root} defines no function")
    return f"where is {' '.join(split_words(best[1]))}", best[1]


def _command(root: Path, query: str, expected: str) -> tuple[float, float]:
    """Seconds to its answer, and to its end, which comes when all files are read."""
    with tempfile.TemporaryDirectory() as cache:
        began = time.monotonic()
        with subprocess.Popen(
            [*SEARCH, query, "-C", str(root)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "CODESEARCH_CACHE_DIR": cache},
        ) as running:
            assert running.stdout is not None
            names = [hit["name"] for hit in json.loads(running.stdout.readline())["hits"]]
            answered = time.monotonic() - began
        ended = time.monotonic() - began
    assert any(expected in name for name in names), names
    return answered, ended


def _server(root: Path, query: str, expected: str) -> tuple[float, float]:
    """Seconds from the server's start; it is asked as somebody who types would ask."""
    with tempfile.TemporaryDirectory() as cache:
        began = time.monotonic()
        client = Server(env={"CODESEARCH_CACHE_DIR": cache, "CODESEARCH_TEST": ""})
        client.open(root, options={})
        while not any(expected in hit["name"] for hit in client.search(query)):
            time.sleep(_POLL_SECONDS)
        answered = time.monotonic() - began
        while not _all_words(client):
            time.sleep(_POLL_SECONDS)
        read = time.monotonic() - began
        client.stop()
    return answered, read


def _all_words(client: Server) -> bool:
    root = client.status()["roots"][0]
    return root["phase"] in ("encoding", "ready") and not root["staleness"]["dirty"]
