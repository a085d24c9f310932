from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from codesearch.errors import StoreError
from codesearch.store import ProcessLock, holder_pid

_HOLD = """
import sys
from pathlib import Path
from codesearch.store import ProcessLock
print(ProcessLock(Path(sys.argv[1])).acquire(), flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "writer.lock"


def _in_another_process(path: Path, then: str = "") -> subprocess.Popen:
    code = _HOLD + then
    return subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True
    )


def test_one_instance_at_a_time_even_in_one_process(path: Path):
    one, two = ProcessLock(path), ProcessLock(path)
    assert one.acquire()
    assert one.acquire()  # held already
    assert not two.acquire()
    assert (one.held, two.held) == (True, False)
    one.release()
    one.release()
    assert two.acquire()
    two.release()


def test_the_holder_is_told_while_it_holds(path: Path):
    assert holder_pid(path) is None
    with ProcessLock(path) as lock:
        assert lock.held
        assert holder_pid(path) == os.getpid()
    assert holder_pid(path) is None
    path.write_text("999999999")
    assert holder_pid(path) is None
    path.write_text("rubbish")
    assert holder_pid(path) is None


def test_a_number_left_behind_does_not_make_its_process_the_holder(path: Path):
    path.parent.mkdir()
    path.write_text(str(os.getpid()))  # as a killed holder leaves it, and a new process gets it
    assert holder_pid(path) is None
    assert ProcessLock(path).acquire()


def test_a_full_disk_does_not_undo_the_lock(path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    one, two = ProcessLock(path), ProcessLock(path)
    assert one.acquire()
    assert not two.acquire()
    one.release()
    assert two.acquire()
    two.release()


def test_other_processes_are_kept_out(path: Path):
    with ProcessLock(path):
        child = _in_another_process(path)
        assert child.communicate()[0].strip() == "False"
    child = _in_another_process(path)
    assert child.communicate()[0].strip() == "True"


def test_the_lock_dies_with_its_process(path: Path):
    child = _in_another_process(path, "sys.stdin.read()\nimport time; time.sleep(60)")
    assert child.stdout is not None
    assert child.stdout.readline().strip() == "True"
    lock = ProcessLock(path)
    assert not lock.acquire()
    assert holder_pid(path) == child.pid
    child.kill()
    child.wait()
    assert lock.acquire(timeout=5)
    lock.release()


def test_children_do_not_inherit_it(path: Path):
    lock = ProcessLock(path)
    assert lock.acquire()
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        lock.release()
        assert ProcessLock(path).acquire()
    finally:
        child.kill()
        child.wait()


def test_waiting(path: Path):
    one, two = ProcessLock(path), ProcessLock(path)
    assert one.acquire()
    assert not two.acquire(timeout=0.1)
    threading.Timer(0.1, one.release).start()
    assert two.acquire(timeout=None)
    two.release()


def test_a_removed_lock_file_does_not_make_two_holders(path: Path):
    one, two, three = (ProcessLock(path) for _ in range(3))
    assert one.acquire()
    path.unlink()
    assert two.acquire()  # a new file, as the index was removed
    one.release()
    assert not three.acquire()
    two.release()


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError) as caught:
        ProcessLock(tmp_path / "file" / "x.lock").acquire()
    assert "CODESEARCH_CACHE_DIR" in caught.value.remedy
