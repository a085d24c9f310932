"""Processes that were stopped by a signal, and clocks that were set back."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from codesearch.indexing import halted, refresh
from codesearch.indexing.halted import HaltWatch
from codesearch.indexing.protocol import LEADER_LOCK, write_status
from codesearch.paths import index_home
from codesearch.store import ProcessLock
from codesearch.types import IndexStatus, Phase

from .helpers import eventually, fake_settings

SETTINGS = fake_settings()


@pytest.mark.usefixtures("quick")
def test_a_process_that_was_stopped_is_noticed_until_it_goes_on() -> None:
    watch = HaltWatch()

    def noticed() -> bool:
        watch.look(process.pid)
        return watch.since is not None

    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert not noticed()
        process.send_signal(signal.SIGSTOP)
        assert eventually(noticed)
        assert str(process.pid) in watch.message
        process.send_signal(signal.SIGCONT)
        assert eventually(lambda: not noticed())
        process.send_signal(signal.SIGSTOP)
        assert eventually(noticed)
        process.kill()
        process.wait()
        assert not noticed()


@pytest.mark.usefixtures("quick")
def test_a_moment_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(halted, "_MOMENT", 3600.0)
    watch = HaltWatch()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        process.send_signal(signal.SIGSTOP)
        for _ in range(5):
            watch.look(process.pid)
            time.sleep(0.01)
        assert watch.since is None
        process.kill()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look each time, and call any halt a long one."""
    monkeypatch.setattr(halted, "_LOOK_SECONDS", 0.0)
    monkeypatch.setattr(halted, "_MOMENT", 0.0)


@pytest.mark.parametrize("phase", [Phase.READY, Phase.ERROR])
def test_what_was_told_before_the_clock_was_set_back_counts_for_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch, phase: Phase
) -> None:
    monkeypatch.setattr(sys.modules["codesearch.indexing.refresh"], "_LATER_CHANGES_SECONDS", 0.0)
    lock = ProcessLock(index_home(root) / LEADER_LOCK)  # as a process that leads
    assert lock.acquire()

    def tell(units: int, phase: Phase, at: float) -> None:
        counts = {"units": units, "encoded": units}
        write_status(root, IndexStatus(str(root), phase, last_scan_at=at, updated_at=at, **counts))

    tomorrow = time.time() + 86_400
    tell(3, phase, tomorrow)
    scanned = threading.Timer(0.5, lambda: tell(7, Phase.READY, time.time()))
    scanned.start()
    try:
        assert refresh(root, SETTINGS).units == 7
    finally:
        scanned.join()
        lock.release()


def test_a_leader_that_tidies_is_waited_for(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["codesearch.indexing.refresh"], "_LATER_CHANGES_SECONDS", 0.0)
    lock = ProcessLock(index_home(root) / LEADER_LOCK)
    assert lock.acquire()
    tidied = threading.Event()

    def tell() -> None:
        for phase in (Phase.ENCODING, Phase.READY):
            at = time.time()
            counts = {"units": 3, "encoded": 3, "last_scan_at": at, "updated_at": at}
            write_status(root, IndexStatus(str(root), phase, **counts))
            tidied.wait(0.5)

    leader = threading.Timer(0.2, tell)
    leader.start()
    try:
        assert refresh(root, SETTINGS).complete
    finally:
        tidied.set()
        leader.join()
        lock.release()
