"""Many processes at one index, and machines that do not do what they should."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from codesearch.encoder.cache import EmbeddingCache
from codesearch.indexing import leader_pid, read_status, refresh
from tests.e2e.conftest import codesearch
from tests.indexing.helpers import (
    PATIENCE,
    commit_all,
    contents,
    eventually,
    fake_settings,
    git,
    module,
    write,
)
from tests.server.client import Server
from tests.torture.expected import assert_as_expected
from tests.torture.scale import SCALE, SECONDS
from tests.torture.scratch import from_scratch

SETTINGS = fake_settings()
_SERVERS, _SEARCHERS, _ROUNDS = (8, 4, 5) if SCALE > 1 else (3, 2, 1)

# Call any halt a long one.
_IMPATIENT = "import codesearch.indexing.halted as halted\nhalted._MOMENT = 1.0\n"

pytestmark = pytest.mark.timeout(SECONDS * 4)

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(autouse=True)
def fake_encoder(private_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (private_home / "config.toml").write_text('[encoder]\nname = "fake"\n')
    monkeypatch.setenv("CODESEARCH_TEST", "1")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with some files, none of which was written just now."""
    folder = tmp_path / "root"
    write(folder, {f"pkg/m{n}.py": module(f"mod{n}") for n in range(10)})
    commit_all(folder)
    return folder


@pytest.fixture
def run(root: Path, private_home: Path) -> Run:
    """Run the command in the repository."""
    return lambda *arguments, **options: codesearch(
        *arguments, cwd=root, cache=private_home / "cache", **options
    )


@pytest.fixture
def hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Have every process that is started from now on run some code first."""

    def install(code: str) -> None:
        write(tmp_path, {"hook/sitecustomize.py": code})
        monkeypatch.setenv("PYTHONPATH", str(tmp_path / "hook"))

    return install


@pytest.fixture
def halted() -> Iterator[Callable[[int], None]]:
    """Stop processes (SIGSTOP); they go on at the end."""
    pids: list[int] = []

    def halt(pid: int) -> None:
        pids.append(pid)
        os.kill(pid, signal.SIGSTOP)

    yield halt
    for pid in pids:
        if psutil.pid_exists(pid):
            os.kill(pid, signal.SIGCONT)


def test_servers_commands_and_a_warmup_at_once(
    start: Callable[..., Server], root: Path, run: Run
) -> None:
    failures: list[str] = []
    over = threading.Event()

    def search() -> None:
        while True:
            answer = run("search", "mod3_1", "--json")
            if answer.returncode != 0 or "Traceback" in answer.stderr:
                failures.append(answer.stderr)
            if over.is_set():
                return

    servers = [start() for _ in range(_SERVERS)]
    for server in servers:
        server.open(root)
    threads = [threading.Thread(target=search, daemon=True) for _ in range(_SEARCHERS)]
    for thread in threads:
        thread.start()
    for turn in range(_ROUNDS):
        write(root, {f"pkg/m{turn}.py": module(f"turn{turn}"), f"new{turn}.py": module("new")})
        warmed = run("warmup", ".", "--json", "--wait")
        assert warmed.returncode == 0, warmed
        assert json.loads(warmed.stdout)["pending"] == 0
        for server in servers:
            server.wait_hit(f"turn{turn}_1", lambda hit: hit["name"].startswith("turn"))
    over.set()
    for thread in threads:
        thread.join()
    assert not failures, failures[0]
    for server in servers:
        server.wait_ready(PATIENCE)
    assert [server.status()["roots"][0]["isWriter"] for server in servers].count(True) == 1
    assert_as_from_nothing(root)
    cache = EmbeddingCache()
    assert cache.puts == cache.rows == read_status(root).texts_encoded
    cache.close()
    assert [server.stop() for server in servers] == [0] * _SERVERS
    assert eventually(lambda: not processes_of(root))


def test_two_work_trees_at_once(start: Callable[..., Server], root: Path, tmp_path: Path) -> None:
    second = tmp_path / "second"
    git(root, "worktree", "add", "-q", "-b", "second", str(second))
    write(second, {"pkg/m1.py": module("only_here")})
    servers = [start(), start()]
    for server, folder in zip(servers, (root, second), strict=True):
        server.open(folder)
    for server, folder in zip(servers, (root, second), strict=True):
        server.wait_ready(PATIENCE)
        assert_as_from_nothing(folder)
    assert servers[1].search("only_here_1")[0]["name"] == "only_here_1"
    assert "only_here_1" not in [hit["name"] for hit in servers[0].search("only_here_1")]
    cache = EmbeddingCache()
    assert cache.rows == len(contents(root, SETTINGS)) + 3
    assert cache.puts < 2 * cache.rows  # both may meet a new text in the same moment
    cache.close()


def test_a_cache_folder_without_locks_is_refused_with_a_remedy(
    start: Callable[..., Server], root: Path, run: Run, hook: Callable[[str], None]
) -> None:
    hook(
        "import errno, fcntl, os\n"
        "def flock(descriptor, operation):\n"
        "    raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))\n"
        "fcntl.flock = flock\n"
    )
    for command in (["warmup", "."], ["search", "mod3_1", "--wait"]):
        answer = run(*command)
        assert answer.returncode == 4, answer.stderr
        assert "cannot lock" in answer.stderr
        assert "CODESEARCH_CACHE_DIR to a local folder" in answer.stderr
        assert "Traceback" not in answer.stderr
    # The first search of a repository needs no index.
    assert "mod3_1" in run("search", "mod3_1").stdout
    server = start()
    server.open(root)
    status = server.wait_status(lambda roots: roots[0]["phase"] == "error", PATIENCE)
    assert "cannot lock" in status["roots"][0]["lastError"]
    assert server.search("mod3_1")[0]["name"] == "mod3_1"
    assert server.stop() == 0


def test_a_slow_folder_holds_nobody_up(
    start: Callable[..., Server], root: Path, hook: Callable[[str], None]
) -> None:
    hook(
        "import os, time\n"
        f"ROOT = {str(root)!r}\n"
        "def slow(function):\n"
        "    def slowed(path, *rest, **more):\n"
        "        if isinstance(path, (str, os.PathLike)) and os.fspath(path).startswith(ROOT):\n"
        "            time.sleep(0.05)\n"
        "        return function(path, *rest, **more)\n"
        "    return slowed\n"
        "for name in ('lstat', 'stat', 'open', 'scandir'):\n"
        "    setattr(os, name, slow(getattr(os, name)))\n"
    )
    server = start()
    server.open(root)
    answered = 0
    while not server.status()["roots"][0]["complete"]:
        answered += 1
    assert answered > 0
    assert server.search("mod3_1")[0]["name"] == "mod3_1"
    assert_as_expected(root, SETTINGS)


def test_a_worker_that_was_stopped_is_told_and_holds_nobody_up(
    start: Callable[..., Server],
    root: Path,
    run: Run,
    halted: Callable[[int], None],
    hook: Callable[[str], None],
) -> None:
    hook(_IMPATIENT)
    server = start()
    server.open(root)
    worker = server.wait_ready(PATIENCE)["roots"][0]["writerPid"]
    halted(worker)
    write(root, {"late.py": module("late")})
    told = server.wait_status(lambda roots: roots[0]["phase"] == "error", PATIENCE)["roots"][0]
    assert f"kill -CONT {worker}" in told["lastError"]
    assert not told["complete"]
    assert server.search("mod3_1")[0]["name"] == "mod3_1"
    found = run("search", "mod3_1")
    assert "mod3_1" in found.stdout
    assert f"kill -CONT {worker}" in found.stderr
    refused = run("warmup", ".", "--wait")
    assert refused.returncode == 4
    assert f"kill -CONT {worker}" in refused.stderr
    os.kill(worker, signal.SIGCONT)
    server.wait_ready(PATIENCE)
    assert server.search("late_1")[0]["name"] == "late_1"


def test_a_leader_that_was_stopped_is_told_and_holds_nobody_up(
    start: Callable[..., Server],
    root: Path,
    run: Run,
    halted: Callable[[int], None],
    hook: Callable[[str], None],
) -> None:
    hook(_IMPATIENT)
    leader = start()
    leader.open(root)
    leader.wait_ready(PATIENCE)
    other = start()
    other.open(root)
    other.wait_ready(PATIENCE)
    pid = leader.process.pid
    assert leader_pid(root) == pid
    halted(pid)
    assert f"process {pid}, which was stopped" in run("status").stdout
    told = other.wait_status(lambda roots: roots[0]["phase"] == "error", PATIENCE)["roots"][0]
    assert f"kill -CONT {pid}" in told["lastError"]
    write(root, {"late.py": module("late")})
    assert other.search("mod3_1")[0]["name"] == "mod3_1"
    found = json.loads(run("search", "mod3_1", "--json").stdout)
    assert found["hits"][0]["name"] == "mod3_1"
    assert any(f"kill -CONT {pid}" in note for note in found["notes"])
    assert run("warmup", ".", "--wait").returncode == 4
    os.kill(pid, signal.SIGCONT)
    other.wait_status(lambda roots: roots[0]["complete"], PATIENCE)
    other.wait_hit("late_1", lambda hit: hit["name"] == "late_1")


def test_a_clock_that_is_set_back(
    start: Callable[..., Server], root: Path, run: Run, hook: Callable[[str], None], tmp_path: Path
) -> None:
    ahead = tmp_path / "ahead"
    ahead.write_text("86400")
    hook(
        "import time\n"
        "now = time.time\n"
        f"time.time = lambda: now() + float(open({str(ahead)!r}).read())\n"
        f"time.time_ns = lambda: int(time.time() * 1e9)\n"
    )
    assert run("warmup", ".").returncode == 0
    ahead.write_text("0")
    write(root, {"back.py": module("back")})
    assert first(run("search", "back_1", "--json")) == "back_1"
    ahead.write_text("86400")
    server = start()
    server.open(root)
    server.wait_ready(PATIENCE)
    ahead.write_text("0")
    for turn in range(3):
        write(root, {f"turn{turn}.py": module(f"turn{turn}")})
        assert first(run("search", f"turn{turn}_1", "--json")) == f"turn{turn}_1"
    server.wait_ready(PATIENCE)
    assert server.search("turn1_1")[0]["name"] == "turn1_1"
    assert_as_from_nothing(root)


def first(answer: subprocess.CompletedProcess[str]) -> str:
    """The name of the first hit."""
    hits: list[dict[str, Any]] = json.loads(answer.stdout)["hits"]
    return str(hits[0]["name"])


def assert_as_from_nothing(root: Path) -> None:
    refresh(root, SETTINGS, timeout=PATIENCE)
    assert_as_expected(root, SETTINGS)
    assert contents(root, SETTINGS) == from_scratch(root, SETTINGS)


def processes_of(root: Path) -> list[psutil.Process]:
    """Every process that was told this root."""
    found = psutil.process_iter(["cmdline"])
    return [process for process in found if str(root) in (process.info["cmdline"] or [])]
