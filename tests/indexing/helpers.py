"""Roots, indexes and processes for the tests of this room, usable by `tests/e2e` too."""

from __future__ import annotations

import os
import random
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from codesearch.encoder import describe
from codesearch.indexing import IndexSupervisor, leader
from codesearch.settings import EncoderSettings, IndexingSettings, Settings
from codesearch.store import Index, Manifest
from codesearch.types import IndexStatus, Phase

# Long enough for a busy machine; nothing that works waits for so long.
PATIENCE = 180.0


def fake_settings(**indexing: object) -> Settings:
    """Settings with the encoder for tests, and quick reactions."""
    values = {"debounce_ms": 40, **indexing}
    return Settings(EncoderSettings(name="fake"), IndexingSettings(**values))  # type: ignore[arg-type]


def write(root: Path, files: Mapping[str, str]) -> None:
    """Make files with their folders."""
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def module(name: str, functions: int = 3) -> str:
    """Python source with so many functions, each like no other."""
    parts = [
        f'def {name}_{n}(value):\n    """Return {name} number {n}."""\n    return value * {n}\n'
        for n in range(functions)
    ]
    return "\n\n".join(parts)


def age(path: Path, seconds: int = 60) -> None:
    """Make a file look as if written a while ago, so that its time is trusted."""
    facts = path.stat()
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns - seconds * 10**9))


def git(root: Path, *arguments: str) -> str:
    """Run git as a user would."""
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments]
    done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    return done.stdout


def commit_all(root: Path, message: str = "change") -> None:
    """Commit everything in `root`, which becomes a repository if it is none."""
    if not (root / ".git").exists():
        git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", message)


@contextmanager
def supervised(
    root: Path,
    settings: Settings,
    on_status: Callable[[IndexStatus], None] | None = None,
) -> Iterator[IndexSupervisor]:
    """A started supervisor, stopped at the end."""
    supervisor = IndexSupervisor(root, settings, on_status)
    supervisor.start()
    try:
        yield supervisor
    finally:
        supervisor.stop()


def until_complete(supervisor: IndexSupervisor, since: float = 0.0) -> IndexStatus:
    """Wait until all is searchable, as of a scan begun after `since`."""
    return until(supervisor, lambda s: s.complete and s.last_scan_at >= since)


def until(supervisor: IndexSupervisor, condition: Callable[[IndexStatus], bool]) -> IndexStatus:
    """Wait for a status, and fail with the last one if it does not come."""
    status = supervisor.wait(condition, PATIENCE)
    assert condition(status), status
    return status


def index_once(root: Path, settings: Settings) -> IndexStatus:
    """Index `root` from start to end."""
    with supervised(root, settings) as supervisor:
        return until_complete(supervisor, time.time())


Contents = dict[str, tuple[str, int, bytes]]


def contents(root: Path, settings: Settings) -> Contents:
    """All that is in the index: unit id -> content hash, first line, vectors."""
    info = describe(settings.encoder)
    index = Index.open(root, fingerprint=info.fingerprint, dimension=info.dimension)
    units = [unit for path in index.paths() for unit in index.units_at(path)]
    vectors = index.vectors_of([unit.id for unit in units])
    found = {
        unit.id: (
            unit.content_hash,
            unit.span.start_line,
            vectors[unit.id].tobytes() if unit.id in vectors else b"",
        )
        for unit in units
    }
    assert len(found) == len(units), "a unit stands twice in the index"
    assert index.counts().units == len(units)
    index.close()
    return found


def names(root: Path, settings: Settings) -> set[str]:
    """The names of all units in the index."""
    info = describe(settings.encoder)
    index = Index.open(root, fingerprint=info.fingerprint, dimension=info.dimension)
    found = {unit.name for path in index.paths() for unit in index.units_at(path)}
    index.close()
    return found


def counters(root: Path) -> dict[str, int]:
    """The counters of an index that nobody has open."""
    manifest = Manifest.open(root)
    try:
        return manifest.counters()
    finally:
        manifest.close()


@dataclass(frozen=True, slots=True)
class Survived:
    """What became of an index whose worker was killed again and again."""

    status: IndexStatus
    kills: int


def index_through_kills(
    root: Path, settings: Settings, kills: int, *, longest: float, seed: int
) -> Survived:
    """Index `root` while its worker is killed (SIGKILL) at `kills` random moments.

    Each moment lies up to `longest` seconds after a worker has begun to read or to encode, or
    (every third one) was started. An index that becomes complete before is read anew. Workers
    are replaced soon, however many have died.
    """
    moments = random.Random(seed)
    done = 0
    with pytest.MonkeyPatch.context() as patch, supervised(root, settings) as supervisor:
        patch.setattr(leader, "_LONGEST_DELAY", 0.5)
        victim: int | None = None
        while done < kills:
            known = (None, victim)
            status = until(supervisor, _ready_or_written_by_another_than(known))
            if status.complete:
                supervisor.reindex()  # there is nothing left to interrupt
            if done % 3:
                status = until(supervisor, lambda s: s.complete or s.phase in _AT_WORK)
            victim = status.writer_pid
            time.sleep(moments.uniform(0, longest))
            if victim is not None and kill(victim):
                done += 1
        return Survived(until(supervisor, lambda s: s.complete), done)


_AT_WORK = {Phase.PARSING, Phase.ENCODING}


def _ready_or_written_by_another_than(
    pids: tuple[int | None, ...],
) -> Callable[[IndexStatus], bool]:
    return lambda status: status.complete or status.writer_pid not in pids


def kill(pid: int) -> bool:
    """Kill a process at once; False if it was gone."""
    try:
        psutil.Process(pid).kill()
    except psutil.NoSuchProcess:
        return False
    return True


def is_alive(pid: int) -> bool:
    """Whether a process runs (one that only waits to be reaped does not)."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def eventually(condition: Callable[[], bool]) -> bool:
    """Whether `condition` comes true before patience ends."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def make_fifo(path: Path) -> None:
    """A FIFO that nobody writes to: opening it would wait for ever."""
    os.mkfifo(path)
