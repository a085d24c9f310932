"""A worker as its leader sees it: started, spoken to, listened to, ended."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from codesearch import process
from codesearch.encoder import worker_environment
from codesearch.indexing.protocol import LOG_FILE, Command, Report, Start, decode, encode
from codesearch.paths import index_home, make_private

log = logging.getLogger(__name__)

_MODULE = "codesearch.indexing.worker"


class WorkerProcess:
    """One worker process, from its start to its end.

    Args:
        root: what it indexes.
        start: its settings.
        on_report: called with each report, in a thread of this object.
        on_end: called once, after the last report, when the process is gone.
    """

    def __init__(
        self,
        root: Path,
        start: Start,
        on_report: Callable[[Report], None],
        on_end: Callable[[WorkerProcess], None],
    ) -> None:
        self._on_report = on_report
        self._on_end = on_end
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.last_report: Report | None = None
        home = make_private(index_home(root))
        with open(home / LOG_FILE, "ab", opener=_private) as errors:
            self._process = subprocess.Popen(
                process.command(_MODULE, str(root)),
                cwd=home,
                env={**process.environment(), **worker_environment()},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        self._lines.put(encode(start))
        # Its pipe may be full: nobody who holds a lock may wait for it to read.
        threading.Thread(target=self._talk, name="worker-commands", daemon=True).start()
        threading.Thread(target=self._listen, name="worker-reports", daemon=True).start()

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def exit_status(self) -> int | None:
        """None while it lives; negative when a signal killed it."""
        return self._process.poll()

    def send(self, command: Command) -> None:
        """Tell it something, without waiting. One that is gone hears nothing: `on_end` tells."""
        self._lines.put(encode(command))

    def ask_to_end(self) -> None:
        """Let it finish the write it is in, and go."""
        self._lines.put(None)

    def end(self, seconds: float) -> None:
        """As `ask_to_end`, and wait; after `seconds` it is killed."""
        self.ask_to_end()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            log.warning("worker %d does not end and is killed", self.pid)
            self._process.kill()
            self._process.wait()

    def _talk(self) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        with contextlib.suppress(OSError):
            while (line := self._lines.get()) is not None:
                pipe.write(line.encode() + b"\n")
                pipe.flush()
        with contextlib.suppress(OSError):
            pipe.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                self.last_report = decode(line, Report)
            except ValueError as error:  # cut short by its death
                log.info("%s", error)
                continue
            self._on_report(self.last_report)
        self._process.wait()
        self._lines.put(None)
        self._on_end(self)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
