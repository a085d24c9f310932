"""What a worker has been told and has not done yet.

One thread puts commands in, the worker's main thread takes work out, and the reporter reads
the counts. All three see one consistent state: a path is dirty from the moment its touch was
read until what it became is searchable.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass

from codesearch.indexing.protocol import Action, Command


class StoppedError(Exception):
    """The worker was asked to end; raised where stopping leaves nothing half done."""


@dataclass(frozen=True, slots=True)
class Work:
    """What to read now: the whole root, all of it anew, or some paths."""

    scan: bool = False
    anew: bool = False
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the reporter adds to a status; see `Report.seen`."""

    seen: int
    dirty: int
    working: bool
    paused: bool


class Inbox:
    """Thread-safe. `stop_event` is set once the worker has to end."""

    def __init__(self, *, paused: bool = False) -> None:
        self.stop_event = threading.Event()
        self._changed = threading.Condition()
        self._seen = 0
        self._paused = paused
        self._scan = False
        self._anew = False
        self._touched: dict[str, None] = {}
        self._held: set[str] = set()
        self._priority: tuple[str, ...] = ()

    def put(self, command: Command) -> None:
        """Take note of a command."""
        with self._changed:
            self._seen = command.number
            self._apply(command)
            self._changed.notify_all()

    def touch(self, paths: Iterable[str]) -> None:
        """Note paths that turned out to have changed while they were worked on."""
        with self._changed:
            self._touched.update(dict.fromkeys(paths))

    def stop(self) -> None:
        """Make the worker end at its next checkpoint. Not to be called in a signal's handler."""
        self.stop_event.set()
        with self._changed:
            self._changed.notify_all()

    def take(self, timeout: float | None) -> Work | None:
        """The next reading work, or None after `timeout` seconds. Raises StoppedError.

        What is taken counts as dirty until `release`.
        """
        with self._changed:
            self._changed.wait_for(lambda: self.stop_event.is_set() or self._ready, timeout)
            if self.stop_event.is_set():
                raise StoppedError
            if not self._ready:
                return None
            work = Work(self._scan or self._anew, self._anew, tuple(self._touched))
            self._held.update(self._touched)
            self._scan = self._anew = False
            self._touched.clear()
            return work

    def hold(self, paths: Iterable[str]) -> None:
        """Replace what is in hand: the taken paths became these, which are still to be read."""
        with self._changed:
            self._held = set(paths)

    def release(self, paths: Iterable[str]) -> None:
        """These are searchable as they are now, as far as anyone knows."""
        with self._changed:
            self._held.difference_update(paths)

    def checkpoint(self) -> None:
        """Wait here while paused. Raises StoppedError when the worker has to end."""
        with self._changed:
            self._changed.wait_for(lambda: self.stop_event.is_set() or not self._paused)
        if self.stop_event.is_set():
            raise StoppedError

    @property
    def urgent(self) -> bool:
        """Whether something waits that goes before encoding."""
        with self._changed:
            return self.stop_event.is_set() or self._paused or self._ready

    @property
    def priority(self) -> tuple[str, ...]:
        """Open files, the latest first."""
        with self._changed:
            return self._priority

    def snapshot(self) -> Snapshot:
        """The state that every command up to `seen` has led to."""
        with self._changed:
            dirty = len(self._held.union(self._touched))
            return Snapshot(self._seen, dirty, self._waiting, self._paused)

    @property
    def _waiting(self) -> bool:
        return self._scan or self._anew or bool(self._touched)

    @property
    def _ready(self) -> bool:
        return self._waiting and not self._paused

    def _apply(self, command: Command) -> None:
        match command.action:
            case Action.SCAN:
                self._scan = True
            case Action.TOUCH:
                self._touched.update(dict.fromkeys(command.paths))
            case Action.PRIORITISE:
                self._priority = command.paths
            case Action.PAUSE:
                self._paused = True
            case Action.RESUME:
                self._paused = False
            case Action.REINDEX:
                self._anew = True
            case Action.STOP:
                self.stop_event.set()
