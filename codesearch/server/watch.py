"""Ends the server when the client's process has gone, even if a child of it keeps stdin open."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable

_POLL_SECONDS = 1.0


def watch_process(pid: int, gone: Callable[[], None]) -> None:
    """Call `gone` on another thread once process `pid` is no more.

    A process that is not there to begin with is of another machine or container: not watched.
    """
    if _exists(pid):
        threading.Thread(target=_wait, args=(pid, gone), name="parent-watch", daemon=True).start()


def _exists(pid: int) -> bool:
    """Told at once and cheaply; where the system cannot, the client is believed."""
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return pid > 0


def _wait(pid: int, gone: Callable[[], None]) -> None:
    import psutil  # not needed to answer `initialize`

    process = None
    with contextlib.suppress(psutil.NoSuchProcess):
        while True:
            with contextlib.suppress(OSError):  # no descriptor is free: it is looked at later
                process = process or psutil.Process(pid)
                # A dead process that its parent has not read yet still has its number.
                if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                    break
            time.sleep(_POLL_SECONDS)
    gone()
