"""What processes of our own arrange for themselves."""

from __future__ import annotations

import gc
import subprocess
import sys

from codesearch import process

_THREADS_THAT_HOLD_MEMORY = """
import ctypes, sys, threading
from codesearch import process
if "shared" in sys.argv:
    process.share_memory_between_threads()
holding, enough = threading.Barrier(9), threading.Event()
def hold():
    kept = [bytearray(2_000) for _ in range(500)]
    holding.wait()
    enough.wait()
for _ in range(8):
    threading.Thread(target=hold, daemon=True).start()
holding.wait()
libc = ctypes.CDLL(None)
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
enough.set()
"""


def arenas(*arguments: str, **env: str) -> int:
    command = [sys.executable, "-c", _THREADS_THAT_HOLD_MEMORY, *arguments]
    told = subprocess.run(command, capture_output=True, check=True, text=True, env=env).stdout
    return told.count("<heap nr=")


def test_threads_share_the_memory_that_they_have_given_back() -> None:
    assert arenas("shared") <= 2 < arenas()


def test_what_the_user_has_asked_of_glibc_stays() -> None:
    assert arenas("shared", MALLOC_ARENA_MAX="5") == 5


def test_the_collector_waits_until_all_is_loaded() -> None:
    usual = gc.get_threshold()
    try:
        process.load_without_collecting()
        assert gc.get_threshold()[0] > usual[0]
        process.collect_as_usual()
        assert gc.get_threshold() == usual
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
        gc.set_threshold(*usual)
