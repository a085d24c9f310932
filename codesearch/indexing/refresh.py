"""Bringing an index up to date once, for those who do not stay: commands and notebooks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from codesearch.errors import StoreError
from codesearch.indexing.supervisor import IndexSupervisor, leader_pid, read_status
from codesearch.indexing.unchanged import is_unchanged
from codesearch.settings import Settings
from codesearch.types import IndexStatus, Phase

_STUCK = frozenset({Phase.ERROR, Phase.PAUSED})  # waiting is no use
_PATIENCE = 30.0  # seconds with a leader that does not read what it is asked
_LATER_CHANGES_SECONDS = 2.0  # for changes made while the wait was on


def refresh(
    root: Path,
    settings: Settings,
    *,
    words_only: bool = False,
    on_status: Callable[[IndexStatus], None] | None = None,
    timeout: float | None = None,
) -> IndexStatus:
    """Read what changed in `root` and wait until it is searchable, then let go of the index.

    With `words_only`, texts that are not encoded yet are left for the next time, and where
    indexing stops, the status of the words that are there is returned.
    A file that changes while this waits is waited for shortly, not for ever.
    `on_status` is called from another thread. Waits for `timeout` seconds at most.

    Raises:
        EncoderError: the encoder that the settings name is not there.
        StoreError: indexing stopped, or its leader does not answer; the message says why.
    """
    if leader_pid(root) is None and is_unchanged(root, settings):
        return read_status(root)
    supervisor = IndexSupervisor(root, settings, on_status, changed=True)
    wait = _Wait(supervisor, time.time(), words_only=words_only)
    supervisor.start()
    try:
        status = supervisor.wait(wait.is_over, timeout)
    finally:
        supervisor.stop()
    words_stand = words_only and status.units > 0
    if wait.given_up:
        message = f"process {leader_pid(root)} keeps the index of {root} and does not answer"
        if not words_stand:
            raise StoreError(message, "End or continue that process, then try again.")
        return replace(status, phase=Phase.ERROR, last_error=message)
    if status.phase is Phase.ERROR and not words_stand:
        raise StoreError(
            f"indexing stopped: {status.last_error or 'unknown error'}",
            "Run `codesearch doctor` for a diagnosis.",
        )
    is_read = wait.has_looked(status) and not (status.pending or status.dirty)
    if is_read and status.phase is Phase.SCANNING:
        # Somebody else has asked for another look; what was asked for here is done.
        return replace(status, phase=Phase.READY)
    return status


class _Wait:
    """Decides when what stood in the root when it began is searchable, or cannot be."""

    def __init__(self, supervisor: IndexSupervisor, since: float, *, words_only: bool) -> None:
        self._supervisor = supervisor
        self._since = since
        self._words_only = words_only
        self._read_at: float | None = None
        self._status: IndexStatus | None = None
        self._told_at = time.monotonic()
        self.given_up = False

    def is_over(self, status: IndexStatus) -> bool:
        """Whether `status` is the last to wait for."""
        self._ask_again(status)
        # A time from the future was told before the clock was set back, as was a past `since`.
        now = time.time()
        self._since = min(self._since, now)
        if self._supervisor.unheard_seconds > _PATIENCE:
            self.given_up = True
            return True
        if status.phase in _STUCK:  # unless it was so before anybody tried again
            return self._since <= status.updated_at <= now
        return self.has_looked(status) and (status.complete or self._is_read(status))

    def has_looked(self, status: IndexStatus) -> bool:
        """Whether everything in the root was looked at since the wait began."""
        return self._since <= status.last_scan_at <= time.time()

    def _ask_again(self, status: IndexStatus) -> None:
        """See whether a leader that has told nothing for long still reads what it is asked."""
        now = time.monotonic()
        if status != self._status or self._supervisor.is_leader:
            self._status, self._told_at = status, now
        elif now - self._told_at > _PATIENCE:
            self._told_at = now
            self._supervisor.look()

    def _is_read(self, status: IndexStatus) -> bool:
        if self._words_only and status.phase is Phase.ENCODING and not status.dirty:
            return True
        if status.pending and not self._words_only:
            return False
        if status.phase in (Phase.PARSING, Phase.ENCODING) and not status.dirty:
            return False  # the table is being tidied after the last text, which ends by itself
        # What is dirty still has changed later. It is waited for, but not for ever: a file
        # that is written to all the time is never clean.
        now = time.monotonic()
        if self._read_at is None:
            self._read_at = now
        return now - self._read_at >= _LATER_CHANGES_SECONDS
