"""Noticing that another process was stopped by a signal: it lives, holds its locks, and is deaf."""

from __future__ import annotations

import time

import psutil

_LOOK_SECONDS = 1.0
_MOMENT = 10.0  # a terminal, or one who measures, may stop a process for less
_HALTED = frozenset({psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP})


class HaltWatch:
    """Watches one process at a time, whichever it is told. For one thread at a time.

    `since` is when it was found to be halted for longer than a moment, in seconds since the
    epoch; None while it is not.
    """

    def __init__(self) -> None:
        self._pid: int | None = None
        self._looked_at = float("-inf")
        self._first_seen: float | None = None
        self.since: float | None = None

    def look(self, pid: int | None) -> None:
        """See how `pid` does, once a second at most."""
        now = time.monotonic()
        if pid == self._pid and now - self._looked_at < _LOOK_SECONDS:
            return
        if pid is None or pid != self._pid or not is_halted(pid):
            self._first_seen = self.since = None
        elif self._first_seen is None:
            self._first_seen = now
        elif self.since is None and now - self._first_seen >= _MOMENT:
            self.since = time.time()
        self._pid, self._looked_at = pid, now

    @property
    def message(self) -> str:
        """What to tell the user while `since` is set."""
        return (
            f"process {self._pid}, which keeps this index, was stopped by a signal: changes are "
            f"not read until it goes on (`kill -CONT {self._pid}`) or ends"
        )


def is_halted(pid: int) -> bool:
    """Whether a process was stopped by a signal and does nothing until another."""
    try:
        return psutil.Process(pid).status() in _HALTED
    except (psutil.Error, OSError):  # as when no descriptor is free
        return False
