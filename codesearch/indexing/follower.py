"""What a process does for a root that another one leads: read its status, and ask it."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from codesearch.indexing.halted import HaltWatch
from codesearch.indexing.protocol import STATUS_FILE, WORKING, Action, read_status_file
from codesearch.indexing.requests import drop_request
from codesearch.paths import index_home
from codesearch.types import IndexStatus, Phase


class Follower:
    """For one thread at a time, but for `ask`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._file = index_home(root) / STATUS_FILE
        self._stamp: tuple[int, int] | None = None
        self._read = IndexStatus(str(root))
        self._asked: dict[Path, tuple[Action, tuple[str, ...]]] = {}
        self._asked_at: dict[Path, float] = {}
        self._halt = HaltWatch()

    def look_at(self, leader: int | None) -> None:
        """See whether the leader can do anything at all. To be called now and then."""
        self._halt.look(leader)

    def ask(self, action: Action, paths: tuple[str, ...] = ()) -> None:
        """Ask the leader, who answers in its status."""
        request = drop_request(self._root, action, paths)
        self._asked[request], self._asked_at[request] = (action, paths), time.monotonic()

    @property
    def unheard_seconds(self) -> float:
        """How long the oldest request that the leader has not taken waits for it."""
        waiting = [asked for path, asked in list(self._asked_at.items()) if path.exists()]
        return time.monotonic() - min(waiting) if waiting else 0.0

    @property
    def status(self) -> IndexStatus:
        """The leader's status, and what it does not know of yet."""
        # Before the file: a request that is gone by now is reflected in what is read then.
        open_requests = self._open_requests()
        self._read_file()
        paths = {path for _, paths in open_requests for path in paths}
        phase = self._read.phase
        if phase is Phase.READY and any(action in WORKING for action, _ in open_requests):
            phase = Phase.SCANNING
        status = replace(self._read, phase=phase, dirty=self._read.dirty + len(paths))
        halted = self._halt.since
        if halted is None:
            return status
        message = self._halt.message
        return replace(status, phase=Phase.ERROR, last_error=message, updated_at=halted)

    def _open_requests(self) -> list[tuple[Action, tuple[str, ...]]]:
        for path in [path for path in list(self._asked) if not path.exists()]:
            del self._asked[path], self._asked_at[path]
        return list(self._asked.values())

    def _read_file(self) -> None:
        try:
            facts = self._file.stat()
        except OSError:
            return
        stamp = (facts.st_ino, facts.st_mtime_ns)
        if stamp == self._stamp:
            return
        told = read_status_file(self._root)
        if told is not None:
            self._read, self._stamp = told, stamp
