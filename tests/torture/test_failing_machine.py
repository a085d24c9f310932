"""A machine that lacks memory, descriptors, watches, shared memory, or a place to write."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from codesearch import process
from codesearch.indexing import leader
from codesearch.paths import cache_home
from codesearch.types import Phase
from tests.indexing.helpers import (
    contents,
    fake_settings,
    module,
    supervised,
    until,
    until_complete,
    write,
)
from tests.server.client import Server
from tests.torture.machines import in_a_poor_container, with_less_memory
from tests.torture.scale import SECONDS
from tests.torture.scratch import from_scratch

_SERVER = [sys.executable, "-m", "codesearch.server", "--stdio"]
_INTERNAL_ERROR = -32603  # with a stack trace
_EVENTS = Path("/proc/sys/fs/inotify/max_queued_events")

pytestmark = pytest.mark.timeout(600 + SECONDS)


@pytest.fixture(autouse=True)
def test_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODESEARCH_TEST", "1")


@pytest.mark.parametrize("megabytes", [60, 400])
def test_a_worker_without_memory(
    megabytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too little to start with, or too little for the table."""
    command = process.command
    write(tmp_path / "root", {"a.py": module("alpha")})
    with monkeypatch.context() as patch:
        patch.setattr(
            process, "command", lambda *names: with_less_memory(command(*names), megabytes << 20)
        )
        patch.setattr(leader, "_LONGEST_DELAY", 0.1)
        with supervised(tmp_path / "root", fake_settings()) as supervisor:
            status = until(supervisor, lambda status: status.phase is Phase.ERROR)
            assert status.last_error
            assert "Memory may be short" in status.last_error or "See " in status.last_error
            assert "Traceback" not in status.last_error
            patch.setattr(process, "command", command)
            until_complete(supervisor)


def test_a_server_and_worker_without_descriptors(
    start: Callable[..., Server], workspace: Path
) -> None:
    server = start()
    server.open(workspace)
    [status] = server.wait_ready(SECONDS)["roots"]
    assert server.search("add_parcel")
    starved = [psutil.Process(server.process.pid)]
    starved += starved[0].children(recursive=True)
    before = starved[0].rlimit(psutil.RLIMIT_NOFILE)
    for one in starved:
        one.rlimit(psutil.RLIMIT_NOFILE, (3, before[1]))
    (workspace / "late.py").write_text(module("late"))
    server.wait_status(lambda roots: roots[0].get("lastError"), SECONDS)
    [status] = server.status()["roots"]
    assert "Traceback" not in status["lastError"]
    answer = server.response(server.send("codesearch/search", {"query": "add_parcel"}))
    assert answer.get("error", {}).get("code") != _INTERNAL_ERROR
    for one in starved:
        if one.is_running():
            one.rlimit(psutil.RLIMIT_NOFILE, before)
    (workspace / "later.py").write_text(module("later"))
    server.wait_hit("late_1", lambda hit: hit["name"] == "late_1")
    server.wait_hit("later_1", lambda hit: hit["name"] == "later_1")
    server.wait_ready(SECONDS)
    assert server.stop() == 0


def test_a_poor_container(start: Callable[..., Server], workspace: Path) -> None:
    """Changes that nobody tells of are found by looking."""
    write(workspace, {f"f{n}/deeper/m.py": module(f"m{n}", 1) for n in range(6)})
    command = in_a_poor_container(_SERVER)
    server = start(command=command)
    server.open(workspace)
    [status] = server.wait_ready(SECONDS)["roots"]
    if command is not None:  # else this machine lets nobody have a container
        assert "cannot be watched" in status["warnings"][0]
    write(workspace, {"f5/deeper/late.py": module("late")})
    server.wait_hit("late_1", lambda hit: hit["name"] == "late_1")
    assert server.stop() == 0


def test_events_that_overflow(start: Callable[..., Server], workspace: Path) -> None:
    """A server that stands still misses what the system has no room to remember."""
    server = start()
    server.open(workspace)
    server.wait_ready(SECONDS)
    room = int(_EVENTS.read_text()) if _EVENTS.exists() else 1_000
    server.process.send_signal(signal.SIGSTOP)
    noise = workspace / "noise.txt"
    for _ in range(room // 3 + 100):  # made, closed, removed
        noise.touch()
        noise.unlink()
    write(workspace, {"late.py": module("late")})
    server.process.send_signal(signal.SIGCONT)
    server.wait_hit("late_1", lambda hit: hit["name"] == "late_1")
    server.wait_ready(SECONDS)
    assert server.stop() == 0


@pytest.mark.parametrize("variables", [("CODESEARCH_CACHE_DIR",), ("HOME", "XDG_CACHE_HOME")])
def test_nowhere_to_write(
    variables: tuple[str, ...], start: Callable[..., Server], workspace: Path
) -> None:
    """A cache folder that cannot be made, or a home in which nothing can."""
    elsewhere = {**os.environ, "CODESEARCH_TEST": "1"}
    elsewhere.pop("CODESEARCH_CACHE_DIR")
    elsewhere.update(dict.fromkeys(variables, "/proc/nowhere"))
    told = subprocess.run(
        [sys.executable, "-m", "codesearch", "search", "add_parcel", str(workspace), "--wait"],
        check=False, capture_output=True, text=True, env=elsewhere,
    )  # fmt: skip
    assert told.returncode in (0, 4), told
    assert "CODESEARCH_CACHE_DIR" in told.stderr
    assert "Traceback" not in told.stderr
    command = ["env", "-u", "CODESEARCH_CACHE_DIR"]
    server = start(command=[*command, *(f"{name}=/proc/nowhere" for name in variables), *_SERVER])
    server.open(workspace)
    [status] = server.wait_status(lambda roots: roots[0].get("lastError"), SECONDS)["roots"]
    assert "CODESEARCH_CACHE_DIR" in status["lastError"]
    server.response(server.send("codesearch/search", {"query": "add_parcel"}))
    assert server.stop() == 0
    assert "Traceback" not in server.errors()


def test_a_cache_folder_that_is_removed_under_a_server(
    start: Callable[..., Server], workspace: Path
) -> None:
    """As by somebody who wants his disk back: all is made again, in the same server."""
    server = start()
    server.open(workspace)
    server.wait_ready(SECONDS)
    gone = cache_home().rename(cache_home().parent / "gone")  # something may write meanwhile
    shutil.rmtree(gone, ignore_errors=True)
    (workspace / "late.py").write_text(module("late"))
    server.wait_hit("late_1", lambda hit: hit["name"] == "late_1")
    server.wait_ready(SECONDS)
    assert contents(workspace, fake_settings()) == from_scratch(workspace, fake_settings())
    assert server.search("add_parcel")[0]["name"] == "add_parcel"
    assert server.stop() == 0


def test_limits_are_as_before() -> None:
    """None of these tests leaves this process poorer."""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
