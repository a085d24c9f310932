"""Telling the leader how far the worker is: often enough to follow, seldom enough to be cheap."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Any, BinaryIO

from codesearch.indexing.inbox import Inbox
from codesearch.indexing.protocol import Exit, Report, encode
from codesearch.types import IndexStatus, Phase

_SECONDS_BETWEEN = 0.15


class Reporter:
    """Sends reports: at once when the phase changes, otherwise a few a second.

    A leader that no longer listens is dead, which stops the worker.
    """

    def __init__(self, out: BinaryIO, inbox: Inbox, status: IndexStatus) -> None:
        self._out = out
        self._inbox = inbox
        self._status = status
        self._lock = threading.Lock()
        self._sent: Report | None = None
        threading.Thread(target=self._tick, name="reporter", daemon=True).start()

    @property
    def status(self) -> IndexStatus:
        """The status as last updated."""
        return self._status

    def update(self, **changes: Any) -> None:
        """Change fields of the status."""
        with self._lock:
            before = self._status.phase
            self._status = replace(self._status, **changes)
        if self._status.phase is not before:
            self._send()

    def finish(self, leaving: Exit) -> None:
        """Send the last report."""
        self._send(leaving)

    def _tick(self) -> None:
        while not self._inbox.stop_event.wait(_SECONDS_BETWEEN):
            self._send()

    def _send(self, leaving: Exit | None = None) -> None:
        with self._lock:
            # Taken together with sending, so that reports never go back in time.
            report = _composed(self._status, self._inbox, leaving)
            if report == self._sent:
                return
            self._sent = report
            stamped = replace(report, status=replace(report.status, updated_at=time.time()))
            try:
                self._out.write(encode(stamped).encode() + b"\n")
                self._out.flush()
            except (OSError, ValueError):
                self._inbox.stop()


def _composed(status: IndexStatus, inbox: Inbox, leaving: Exit | None) -> Report:
    now = inbox.snapshot()
    phase = status.phase
    if now.paused and phase is not Phase.ERROR:
        phase = Phase.PAUSED
    elif phase is Phase.READY and (now.working or now.dirty):
        phase = Phase.SCANNING  # told, but not begun
    return Report(now.seen, replace(status, phase=phase, dirty=now.dirty), leaving)
