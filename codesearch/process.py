"""Processes of codesearch's own: a command, the server, a worker, a helper; or a guest's.

In a process of its own, codesearch may take liberties that a notebook which also uses the same
packages would not expect.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import sys
from contextlib import suppress
from pathlib import Path
from threading import Event

_M_ARENA_MAX = -8  # glibc's malloc.h
_own = Event()
_USUALLY = gc.get_threshold()
# New objects before the garbage collector looks at them: as many as all libraries make together.
_WHILE_LOADING = 200_000


def claim() -> None:
    """Say that nothing but codesearch runs in this process. For the entry points alone."""
    _own.set()
    logging.raiseExceptions = False  # a log on a full disk is no reason to print stack traces


def is_own() -> bool:
    """Whether `claim` was called."""
    return _own.is_set()


def load_without_collecting() -> None:
    """Put the garbage collector off: it looks through the classes of libraries in vain.

    A command takes 3 to 6 % less time so. What stays for long calls `collect_as_usual`.
    """
    gc.set_threshold(_WHILE_LOADING)


def collect_as_usual() -> None:
    """Everything is loaded, and what is there stays: see `load_without_collecting`."""
    gc.freeze()
    gc.set_threshold(*_USUALLY)


def share_memory_between_threads() -> None:
    """Have glibc serve all threads from two arenas instead of eight a processor.

    What a thread has given back stays in its arena, where no other one finds it: a server with
    57,000 units held 517 MB after many questions, and 430 so. To be called before threads begin;
    elsewhere than with glibc nothing happens. A worker is told by its environment.
    """
    if "MALLOC_ARENA_MAX" not in os.environ:
        with suppress(AttributeError, OSError, TypeError):
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


def give_back_memory() -> None:
    """Hand what was freed back to the system, where the C library keeps it and can be told."""
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def command(module: str, *arguments: str) -> list[str]:
    """What to run for another process of ours; to be started with `environment`."""
    # -P: nothing of the folder it happens to start in, the indexed repository's, is imported.
    return [sys.executable, "-P", "-m", module, *arguments]


def environment() -> dict[str, str]:
    """Variables for another process of ours."""
    # A checkout that is not installed has to be found as well.
    here = str(Path(__file__).parent.parent)
    paths = [here, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)),
        "PYTHONUTF8": "1",
    }
