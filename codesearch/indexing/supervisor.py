"""Keeping the index of one root fresh, together with every other process that wants that.

The supervisors of a root elect a leader by a lock that dies with its holder. The leader does
the work (see `leader.py`) and writes `status.json`; the others read it, and take over within
a second when the lock is free.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from codesearch.errors import CodesearchError
from codesearch.indexing.follower import Follower
from codesearch.indexing.leader import Leader
from codesearch.indexing.protocol import LEADER_LOCK, Action, read_status_file, write_status
from codesearch.indexing.requests import drop_stale_requests, read_requests
from codesearch.paths import index_home
from codesearch.settings import Settings
from codesearch.store import ProcessLock, holder_pid
from codesearch.types import IndexStatus, Phase

log = logging.getLogger(__name__)

_TICK_SECONDS = 0.2
_ELECTION_SECONDS = 1.0
_BETWEEN_STATUSES = 0.03  # a burst of changes becomes one status
_AFTER_PROBLEM = 2.0  # seconds before what failed is tried again


class IndexSupervisor:
    """One a root and process. Its threads are daemons, and nothing but `stop` and `wait` waits.

    Args:
        root: the folder to index.
        settings: of this root; a leader's settings are those that count.
        on_status: called with each new status, always from the same thread.
        changed: a file is known to differ from the index, so that nothing has to be compared.
    """

    def __init__(
        self,
        root: Path,
        settings: Settings,
        on_status: Callable[[IndexStatus], None] | None = None,
        *,
        changed: bool = False,
    ) -> None:
        self._changed = changed
        self._root = Path(os.path.realpath(root))
        self._settings = settings
        self._on_status = on_status
        self._lock = ProcessLock(index_home(self._root) / LEADER_LOCK)
        self._follower = Follower(self._root)
        self._leader: Leader | None = None
        self._role = threading.RLock()  # held while the role changes, and while it is used
        self._opened: tuple[str, ...] = ()
        self._published: IndexStatus | None = None
        self._new_status = threading.Condition()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._problem: str | None = None
        self._problem_at = 0.0
        self._asked_to_scan = False
        self._stood_at = float("-inf")
        self._thread = threading.Thread(target=self._run, name="indexing", daemon=True)

    def start(self) -> None:
        """Begin, in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Leave the index to others; the worker has ended when this returns."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def is_leader(self) -> bool:
        """Whether this process does the work."""
        return self._leader is not None

    @property
    def status(self) -> IndexStatus:
        """How things stand now."""
        with self._role:
            status = (self._leader or self._follower).status
        if self._stood_at == float("-inf") and status.phase is Phase.READY:
            status = replace(status, phase=Phase.SCANNING)  # as it was left; nobody has looked yet
        if self._problem is not None:
            return replace(
                status,
                phase=Phase.ERROR,
                last_error=self._problem,
                updated_at=self._problem_at,
            )
        return status

    @property
    def unheard_seconds(self) -> float:
        """How long another leader has left a request of ours unread; 0 when there is none."""
        return 0.0 if self._leader is not None else self._follower.unheard_seconds

    def touch(self, paths: Sequence[str]) -> None:
        """These files or folders (relative paths) may have changed: look at them now."""
        if paths:
            self._ask(Action.TOUCH, tuple(paths))

    def prioritise(self, paths: Sequence[str]) -> None:
        """These files are open, the one in front first: encode them before others."""
        self._opened = tuple(paths)
        self._ask(Action.PRIORITISE, self._opened)

    def pause(self) -> None:
        """Stop after the batch in hand; what changes meanwhile is remembered."""
        self._ask(Action.PAUSE)

    def resume(self) -> None:
        """Go on after a pause."""
        self._ask(Action.RESUME)

    def reindex(self) -> None:
        """Read every file again. Texts that were encoded before are not encoded again."""
        self._ask(Action.REINDEX)

    def look(self) -> None:
        """Look at everything, as is done now and then in any case."""
        self._ask(Action.SCAN)

    def wait(self, until: Callable[[IndexStatus], bool], timeout: float | None) -> IndexStatus:
        """The first status that satisfies `until`, or the last one after `timeout` seconds."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            status = self.status
            left = None if deadline is None else deadline - time.monotonic()
            if until(status) or (left is not None and left <= 0) or self._stopping.is_set():
                return status
            with self._new_status:
                self._new_status.wait(_TICK_SECONDS if left is None else min(left, _TICK_SECONDS))

    def _ask(self, action: Action, paths: tuple[str, ...] = ()) -> None:
        with self._role:
            if self._leader is not None:
                self._leader.tell(action, paths)
            else:
                self._ask_leader(action, paths)
        self._wake.set()

    def _ask_leader(self, action: Action, paths: tuple[str, ...] = ()) -> None:
        try:
            self._follower.ask(action, paths)
        except OSError as error:  # disk full, cache folder removed
            log.warning("the leader of %s was not asked: %s", self._root, error)

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                try:
                    self._step()
                    self._problem = None
                except Exception as error:  # no memory, no files left: that may pass
                    self._note_problem(error)
                self._publish()
                self._wake.wait(_TICK_SECONDS)
                self._wake.clear()
                self._stopping.wait(_BETWEEN_STATUSES if self._problem is None else _AFTER_PROBLEM)
        finally:
            self._resign()

    def _step(self) -> None:
        if self._leader is None and time.monotonic() - self._stood_at >= _ELECTION_SECONDS:
            self._stand_for_election()
            self._stood_at = time.monotonic()
            if self._leader is None:
                self._follower.look_at(leader_pid(self._root))
        if self._leader is not None:
            self._lead(self._leader)
        elif not self._asked_to_scan:  # the leader may have missed something
            self._asked_to_scan = True
            self._ask_leader(Action.SCAN)

    def _note_problem(self, error: Exception) -> None:
        if self._problem is None:
            foreseen = isinstance(error, CodesearchError)
            trace = None if foreseen else error
            log.error("indexing of %s is interrupted: %s", self._root, error, exc_info=trace)
        self._problem = str(error) if isinstance(error, CodesearchError) else repr(error)
        self._problem_at = time.time()

    def _stand_for_election(self) -> None:
        if not self._lock.acquire(timeout=0):
            return
        try:
            self._take_over()
        except Exception:
            self._resign()
            raise

    def _take_over(self) -> None:
        drop_stale_requests(self._root)
        before = read_status_file(self._root) or IndexStatus(str(self._root))
        # A pause outlives a leader that others followed, but not the last of them.
        paused = self._published is not None and self._published.phase is Phase.PAUSED
        leader = Leader(self._root, self._settings, before, self._wake.set, changed=self._changed)
        with self._role:
            self._leader = leader
        leader.start(paused=paused)
        if self._opened:
            leader.tell(Action.PRIORITISE, self._opened)

    def _lead(self, leader: Leader) -> None:
        requests = read_requests(self._root)
        for _, command in requests:
            leader.tell(command.action, command.paths)
        if requests:
            # A follower takes a request that is gone for one that the status speaks of.
            self._write_status(leader.status)
        for path, _ in requests:
            with contextlib.suppress(OSError):
                path.unlink()
        leader.tick()

    def _publish(self) -> None:
        status = self.status
        if status == self._published:
            return
        if self._leader is not None:
            self._write_status(status)
        self._published = status
        if self._on_status is not None:
            try:
                self._on_status(status)
            except Exception:
                log.exception("on_status failed")
        with self._new_status:
            self._new_status.notify_all()

    def _write_status(self, status: IndexStatus) -> None:
        try:
            write_status(self._root, status)
        except OSError as error:
            log.warning("status not written: %s", error)

    def _resign(self) -> None:
        leader = self._leader
        try:
            if leader is not None:
                leader.stop()
                self._write_status(leader.status)
        finally:
            with self._role:
                self._leader = None
            self._lock.release()


def read_status(root: Path) -> IndexStatus:
    """What is known of the index of `root`, from whoever kept it last."""
    root = Path(os.path.realpath(root))
    told = read_status_file(root)
    if told is None:
        return IndexStatus(str(root))
    if leader_pid(root) is None:
        return replace(told, writer_pid=None)
    return told


def leader_pid(root: Path) -> int | None:
    """The process that keeps the index of `root` fresh now, if there is one."""
    return holder_pid(index_home(root) / LEADER_LOCK)
