"""What repositories, users and other processes do that nobody planned."""

from __future__ import annotations

import os
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from codesearch.errors import StoreError
from codesearch.indexing import refresh
from codesearch.indexing import watcher as watcher_module
from codesearch.indexing.blame import CrashBlame
from codesearch.indexing.changes import UNTRUSTED_MTIME, trusted_mtime
from codesearch.indexing.leader import Leader
from codesearch.indexing.protocol import (
    LEADER_LOCK,
    Action,
    CommandCounter,
    read_status_file,
    write_status,
)
from codesearch.indexing.requests import drop_request, drop_stale_requests, read_requests
from codesearch.indexing.scan import FileStat, scan
from codesearch.indexing.watcher import Watcher
from codesearch.paths import index_home, read_regular_file
from codesearch.settings import IndexingSettings
from codesearch.store import ProcessLock
from codesearch.types import IndexStatus, Phase

from .helpers import PATIENCE, commit_all, eventually, fake_settings, git, make_fifo, module, write

SETTINGS = fake_settings()


def crash(blame: CrashBlame, marker: Path, path: str) -> bool:
    marker.write_text(path)
    return blame.crashed()


def test_a_file_is_blamed_only_for_crashes_in_a_row(tmp_path: Path) -> None:
    marker = tmp_path / "current"
    blame = CrashBlame(marker)
    assert not any(crash(blame, marker, path) for path in ("a", "b", "a", "b", "a", "b", "a"))
    for _ in range(3):
        assert not crash(blame, marker, "c")
    blame.progressed()
    assert [crash(blame, marker, "c") for _ in range(4)] == [False, False, False, True]
    assert blame.passed_over == ("c",)
    assert "c is passed over" in (blame.error or "")
    blame.forgive(["c"])
    assert blame.error is None


@pytest.mark.parametrize("phase", [Phase.ERROR, Phase.PAUSED])
def test_an_old_problem_does_not_end_a_refresh(root: Path, phase: Phase) -> None:
    write(root, {"a.py": module("alpha")})
    write_status(root, IndexStatus(str(root), phase=phase, last_error="long ago", updated_at=1.0))
    assert refresh(root, SETTINGS).complete


def test_an_encoder_that_fails_leaves_words_and_is_tried_again(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = (
        "import codesearch.indexing.encoding as encoding\n"
        "from codesearch.errors import EncoderError\n"
        "def refuse(settings):\n"
        "    raise EncoderError('no weights')\n"
        "encoding.load_encoder = refuse\n"
    )
    write(tmp_path, {"hook/sitecustomize.py": hook})
    write(root, {"a.py": module("alpha")})
    with monkeypatch.context() as patch:
        patch.setenv("PYTHONPATH", str(tmp_path / "hook"))
        assert refresh(root, SETTINGS, words_only=True).units == 3
        with pytest.raises(StoreError, match="no weights"):
            refresh(root, SETTINGS)
    status = refresh(root, SETTINGS)
    assert status.complete
    assert status.last_error is None


def test_a_leader_that_does_not_answer_is_named(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["codesearch.indexing.refresh"], "_PATIENCE", 0.3)
    lock = ProcessLock(index_home(root) / LEADER_LOCK)  # as a stopped process would hold it
    assert lock.acquire()
    try:
        with pytest.raises(StoreError, match=f"process {os.getpid()} .* does not answer"):
            refresh(root, SETTINGS)
        write_status(root, IndexStatus(str(root), units=3))
        told = refresh(root, SETTINGS, words_only=True)
        assert (told.units, told.phase) == (3, Phase.ERROR)
        assert f"process {os.getpid()} " in (told.last_error or "")
    finally:
        lock.release()


def test_a_watcher_that_fails_goes_on(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scans = threading.Semaphore(0)
    watcher = Watcher(
        root,
        SETTINGS.indexing,
        on_paths=lambda _: None,
        on_everything=scans.release,
        on_pending=lambda: None,
    )

    def fail(*_: object) -> None:
        raise OSError("too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(watcher_module, "rules_of", fail)
        watcher.start(PATIENCE)
        assert scans.acquire(timeout=PATIENCE)
        assert "too many open files" in (watcher.warning or "")
        assert not watcher.busy
    watcher.look_again()
    assert scans.acquire(timeout=PATIENCE)
    assert eventually(lambda: watcher.warning is None and not watcher.busy)
    watcher.stop()


def test_a_refresh_that_runs_out_of_time_claims_nothing(root: Path) -> None:
    write(root, {"a.py": module("alpha")})
    for seconds in (0, 0.1, 0.2, 0.4, 0.8):
        status = refresh(root, SETTINGS, timeout=seconds)
        assert status.units > 0 or not status.complete
    assert refresh(root, SETTINGS, timeout=120).complete


def test_a_file_that_changes_all_the_time_ends_no_refresh(root: Path) -> None:
    write(root, {"a.py": module("alpha"), "log.txt": "begin\n"})
    done = threading.Event()

    def append() -> None:
        while not done.wait(0.05):
            with (root / "log.txt").open("a") as file:
                file.write("more\n")

    writer = threading.Thread(target=append)
    writer.start()
    try:
        assert refresh(root, SETTINGS, words_only=True, timeout=120).units >= 3
        assert refresh(root, SETTINGS, timeout=120).pending == 0
    finally:
        done.set()
        writer.join()


def test_a_leader_that_was_stopped_starts_nothing(root: Path) -> None:
    leader = Leader(root, SETTINGS, IndexStatus(str(root)), lambda: None)
    leader.stop()
    leader.tell(Action.SCAN)
    leader.tick()
    assert leader.status.writer_pid is None


def test_a_worker_that_dies_at_every_start_is_an_error(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"hook/sitecustomize.py": "import os\nos.abort()\n"})
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "hook"))
    write(root, {"a.py": module("alpha")})
    with pytest.raises(StoreError, match="ended with status -6"):
        refresh(root, SETTINGS)


def test_only_a_new_leader_drops_old_requests(root: Path) -> None:
    request = drop_request(root, Action.REINDEX)
    os.utime(request, (1, 1))
    assert [command.action for _, command in read_requests(root)] == [Action.REINDEX]
    drop_stale_requests(root)
    assert read_requests(root) == []


def test_reading_anew_outlives_a_crash() -> None:
    commands = CommandCounter()
    commands.next(Action.PAUSE)
    commands.next(Action.REINDEX)
    commands.replace_all(Action.SCAN)
    assert [command.action for command in commands.unconfirmed] == [Action.REINDEX]


def test_patterns_that_take_for_ever_are_not_used(root: Path) -> None:
    name = "a" * 200
    write(root, {".codesearchignore": "*a" * 20 + "b\n*.log\n", f"{name}/{name}": "", "b.log": ""})
    assert set(scan(root, IndexingSettings()).files) == {".codesearchignore", f"{name}/{name}"}


def test_a_touch_enters_what_a_scan_enters(root: Path) -> None:
    write(root, {".gitignore": "ignored/\n", "a.py": ""})
    commit_all(root)
    git(root, "worktree", "add", "-q", "-b", "other", str(root / "tree"))
    for clone in ("ignored/clone", "clone"):
        write(root, {f"{clone}/b.py": ""})
        commit_all(root / clone)
    settings = IndexingSettings()
    everything = set(scan(root, settings).files)
    assert everything == {".gitignore", "a.py", "clone/b.py"}
    touched = ["a.py", "tree/a.py", "ignored/clone/b.py", "clone/b.py", "tree", "clone"]
    assert set(scan(root, settings, touched).files) == {"a.py", "clone/b.py"}


def test_a_fifo_in_the_place_of_a_repository(root: Path) -> None:
    git(root, "init", "-q")
    write(root, {"sub/a.py": ""})
    make_fifo(root / "sub" / ".git")
    assert scan(root, IndexingSettings(), ["sub/a.py"]).files.keys() <= {"sub/a.py"}


def test_no_more_memory_than_the_file_needs(root: Path) -> None:
    write(root, {"a.py": "x = 1\n"})
    assert read_regular_file(root / "a.py", 1 << 60) == b"x = 1\n"
    assert read_regular_file(root / "a.py", 3) == b"x ="


def test_every_file_is_counted(root: Path) -> None:
    texts = {
        "a.json": "{}",
        "b.yaml": "---\n",
        "c.py": "# coding: utf-8\n",
        "d.py": "",
        "e.py": "x = 1\n",
    }
    write(root, texts)
    status = refresh(root, SETTINGS)
    assert status.files + sum(status.skipped.values()) == len(texts)


def test_times_that_can_be_trusted() -> None:
    now, second = time.time_ns(), 10**9
    for ahead, trusted in ((-60, True), (-1, False), (60, False), (86_400, True)):
        mtime = now + ahead * second
        expected = mtime if trusted else UNTRUSTED_MTIME
        assert trusted_mtime(FileStat(1, mtime), now) == expected


def test_the_status_left_is_of_this_run(root: Path) -> None:
    write(root, {"a.py": module("alpha")})
    refresh(root, SETTINGS)
    left = read_status_file(root)
    assert left is not None
    write_status(root, replace(left, phase=Phase.SCANNING, last_error="an old one"))
    assert refresh(root, SETTINGS).last_error is None
