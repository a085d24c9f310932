"""What keeping an index costs: nothing changed, one file saved, a branch switched, the disk.

All of it happens in a copy of the repository that has an index already.
"""

from __future__ import annotations

import itertools
import random
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.speed.figures import Figure, absolute, against, p95, seconds, told
from benchmarks.speed.places import WARMUP, Places, commit, files_of, git, run
from benchmarks.speed.server import spawn
from codesearch.languages import language_of
from codesearch.paths import index_home
from codesearch.store import Manifest
from tests.server.client import Server

_SWITCHED = 500  # files
_SAVED_FILES = 200
_PAUSE = 0.01
_REST_SECONDS = 20  # without a change, before the disk that is held is that of an index at rest
_CONSONANTS = "bdfgklmnprstvz"
_STATUS = "`git status`"


def unchanged(places: Places, runs: int) -> list[Figure]:
    """`warmup` again and the server from its start to ready, against `git status`."""
    copy = places.whole
    status, warmup, ready, python = [], [], [], []
    for _ in range(runs):
        status.append(seconds(lambda: git(copy, "status", "--porcelain")))
        warmup.append(seconds(lambda: run([*WARMUP, str(copy)])))
        python.append(seconds(lambda: run([*WARMUP[:3], "--version"])))
        ready.append(_to_ready(copy))
    return [
        against("nothing changed: `warmup`", warmup, _STATUS, status, 3.0),
        against("nothing changed: server from its start to ready", ready, _STATUS, status, 3.0),
        against("… of both, `codesearch --version`", python, _STATUS, status),
    ]


def _to_ready(copy: Path) -> float:
    began = time.perf_counter()
    with _served(copy):  # and ended in order: after a kill the next one has more to look at
        return time.perf_counter() - began


def saved(places: Places, runs: int) -> list[Figure]:
    """From `didSave` to the first search that finds the new words, by meaning too."""
    copy = places.whole
    files = _python_files(copy)
    with _served(copy) as client:
        first = _save(client, next(files), 0)  # the worker loads its encoder
        times = [_save(client, next(files), number) for number in range(1, runs + 1)]
    _as_it_was(copy)
    return [
        absolute("save to searchable by words and vector, p95", 1000 * p95(times), "ms", 300),
        told("… median", 1000 * statistics.median(times), "ms"),
        told("… the first one, whose encoder has to be loaded", 1000 * first, "ms"),
    ]


def _save(client: Server, file: Path, number: int) -> float:
    """Append a function to `file`, and wait until it is found."""
    name = _new_name(number)
    with file.open("a") as text:
        text.write(f"\n\ndef {name}(feed):\n    return feed + {number}\n")
    began = time.perf_counter()
    client.notify("textDocument/didSave", {"textDocument": {"uri": file.as_uri()}})
    while not any(_is_whole(hit, name) for hit in client.search(name)):
        time.sleep(_PAUSE)
    return time.perf_counter() - began


def _new_name(number: int) -> str:
    """A word like no other: among hundreds of names that differ in a digit none is the nearest."""
    chance = random.Random(number)
    return "".join(chance.choice(_CONSONANTS) + chance.choice("aeiou") for _ in range(8))


def _is_whole(hit: dict[str, Any], name: str) -> bool:
    return hit["name"] == name and "vector" in hit["explanation"]["views"]


def switched(places: Places, runs: int) -> list[Figure]:
    """A checkout that changes 500 files which were indexed before, to ready."""
    copy = places.whole
    files = [path for path in files_of(copy) if language_of(path.name) != "text"][:_SWITCHED]
    git(copy, "checkout", "-q", "-B", "other")
    for number, file in enumerate(files):
        with file.open("a") as text:
            text.write(f"\n\ndef switched_{number}():\n    return {number}\n")
    commit(copy, "changed")
    run([*WARMUP, str(copy)])
    with _served(copy) as client:
        for _ in range(2):  # both sides have been seen by this server from here on
            _switch(client, copy)
        before = _encoded(client)
        times = [_switch(client, copy) for _ in range(2 * runs)]
        encoded = _encoded(client) - before
    git(copy, "checkout", "-q", "-")
    git(copy, "branch", "-q", "-D", "other")
    run([*WARMUP, str(copy)])
    return [
        absolute(f"branch switch of {len(files)} files to ready", statistics.median(times), "s", 5),
        absolute("… texts encoded for it", encoded, "texts", 0),
    ]


def _switch(client: Server, copy: Path) -> float:
    before = client.status()["roots"][0]["units"]
    began = time.perf_counter()
    git(copy, "checkout", "-q", "-")
    client.wait_status(lambda roots: roots[0]["units"] != before, timeout=600)
    client.wait_ready(timeout=600)
    return time.perf_counter() - began


def disk(places: Places, saves: int) -> list[Figure]:
    """Bytes of the index over those of the files in it, and its growth by many saves."""
    copy = places.whole
    with closing(Manifest.peek(copy)) as manifest:
        source = sum(one.size for one in manifest.files().values() if one.units)
    index = _size(copy)
    files, most = _python_files(copy), index
    with _served(copy) as client:
        for number in range(saves):
            _save(client, next(files), number)
            most = max(most, _size(copy))
        after = _at_rest(copy)
    _as_it_was(copy)
    return [
        absolute("index over source, on disk", index / source, "of it", 1.0),
        told("… source files", source / 1e6, "MB"),
        absolute(f"growth of the index by {saves} saves", 100 * (after / index - 1), "%", 20),
        told("… at most meanwhile", 100 * (most / index - 1), "%"),
    ]


def _at_rest(copy: Path) -> int:
    """Bytes of the index once its worker has had nothing to do for a while, and has tidied."""
    size, since = _size(copy), time.monotonic()
    while time.monotonic() - since < _REST_SECONDS:
        time.sleep(1.0)
        if (now := _size(copy)) != size:
            size, since = now, time.monotonic()
    return size


def _python_files(copy: Path) -> Iterator[Path]:
    """Files to save, some hundred of them in turn; a new one where there are none."""
    found = [path for path in files_of(copy) if path.suffix == ".py"]
    return itertools.cycle(found[:_SAVED_FILES] or [copy / "saved.py"])


def _as_it_was(copy: Path) -> None:
    git(copy, "checkout", "-q", "--", ".")
    git(copy, "clean", "-q", "-f")
    run([*WARMUP, str(copy)])


def _size(copy: Path) -> int:
    listed = subprocess.run(
        ["du", "-sb", str(index_home(copy))], check=True, capture_output=True
    ).stdout
    return int(listed.split()[0])


@contextmanager
def _served(copy: Path) -> Iterator[Server]:
    client = spawn()
    try:
        client.open(copy, options={})
        client.wait_ready(timeout=600)
        yield client
    finally:
        client.stop()


def _encoded(client: Server) -> int:
    return int(client.status()["roots"][0]["textsEncoded"])
