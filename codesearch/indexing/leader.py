"""What the leader of a root does: watch, keep a worker at work, and know how things stand."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from codesearch.indexing.blame import CrashBlame
from codesearch.indexing.halted import HaltWatch
from codesearch.indexing.protocol import (
    CURRENT_FILE,
    LOG_FILE,
    WORKING,
    Action,
    Command,
    CommandCounter,
    Exit,
    Report,
    Start,
)
from codesearch.indexing.unchanged import is_unchanged
from codesearch.indexing.watcher import Watcher
from codesearch.indexing.workerprocess import WorkerProcess
from codesearch.paths import index_home
from codesearch.settings import Settings
from codesearch.store import Index
from codesearch.types import IndexStatus, Phase

log = logging.getLogger(__name__)

_WATCH_SECONDS = 0.5  # the first scan waits this long for the watches to stand
_WATCH_SECONDS_ALONE = 2.0  # … when no worker comes up meanwhile; later, one has to scan again
_END_SECONDS = 10.0  # for a worker to finish its write
_FIRST_DELAY = 0.1  # before a crashed worker is started again; doubled each time
_LONGEST_DELAY = 30.0
_CRASHES_TOLD = 5  # so many ends in a row without progress are an error, not bad luck
_UNWATCHED_SECONDS = 10.0  # between scans when not everything is watched
_UNUSED_SECONDS = 10.0  # a worker that found nothing to do goes sooner
_MOST_PATHS = 300  # more touched paths than this are looked at together with all others
# What the system does to a process for which it has no memory, and what native code does then.
_OUT_OF_MEMORY = frozenset({-signal.SIGKILL, -signal.SIGABRT}) if os.name == "posix" else ()
_AT_REST = frozenset({Phase.READY, Phase.ERROR})  # the worker does nothing until it is told


class Leader:
    """Lives while its process holds the leader's lock.

    Args:
        root: the real path of what is indexed.
        settings: the worker's and the watcher's.
        before: the status that the last leader left.
        on_change: called from any thread when `status` may have changed.
        changed: a worker is needed in any case.
    """

    def __init__(
        self,
        root: Path,
        settings: Settings,
        before: IndexStatus,
        on_change: Callable[[], None],
        *,
        changed: bool = False,
    ) -> None:
        self._root = root
        self._settings = settings
        self._on_change = on_change
        self._lock = threading.RLock()
        self._commands = CommandCounter()
        self._worker: WorkerProcess | None = None
        self._leaving = False  # the worker was asked to end
        # What went wrong before is the worker's to judge.
        sound = before.complete and not before.warnings and not before.last_error
        self._left = before if sound and not changed else None
        self._told = replace(before, phase=Phase.SCANNING, dirty=0, writer_pid=None, ahead=None)
        self._paused = False
        self._opened: tuple[str, ...] = ()
        self._crashes = 0  # since there was progress
        self._progress_at_start = 0
        self._blame = CrashBlame(index_home(root) / CURRENT_FILE)
        self._not_before = 0.0
        self._stopped = False
        self._looking = False  # a thread compares the root with the index
        self._failed = False  # the worker said that another would fail likewise
        self._active_at = time.monotonic()
        self._worked = False
        self._scanned_at = time.monotonic()
        self._halt = HaltWatch()
        self._told_at = 0.0  # when work was asked for last
        self._watcher = Watcher(
            root,
            settings.indexing,
            on_paths=lambda paths: self.tell(Action.TOUCH, paths),
            on_everything=lambda: self.tell(Action.SCAN),
            on_pending=on_change,
        )

    def start(self, *, paused: bool) -> None:
        """Begin: watch, then look at everything once.

        An index that was left complete is compared first. Mostly nothing has changed since, and
        a worker would take a processor for seconds while the server loads what questions need.
        """
        self._paused = paused
        left = None if paused else self._left
        with self._lock:
            if self._worker is None and left is None:  # it needs longer to come up than the watches
                self._start_worker()
        self._watcher.start(_WATCH_SECONDS if left is None else _WATCH_SECONDS_ALONE)
        if left is None:
            self.tell(Action.SCAN)
        else:
            self._begin_to_compare(left)

    def stop(self) -> None:
        """End the watcher and the worker, and wait for both."""
        with self._lock:
            self._stopped = True
        self._watcher.stop()
        with self._lock:
            worker, self._worker = self._worker, None
        if worker is not None:
            worker.end(_END_SECONDS)

    def tell(self, action: Action, paths: tuple[str, ...] = ()) -> None:
        """Have a worker do something; one is started if need be."""
        with self._lock:
            if self._stopped:
                return
            self._note(action, paths)
            if action is Action.TOUCH and len(paths) > _MOST_PATHS:
                action, paths = Action.SCAN, ()
            if action in WORKING:
                self._told_at = time.time()
            if action in WORKING or self._worker is not None:
                self._pass_on(self._commands.next(action, paths))
        self._on_change()

    def tick(self) -> None:
        """Look after what only time brings. Called a few times a second."""
        with self._lock:
            now = time.monotonic()
            self._halt.look(None if self._worker is None else self._worker.pid)
            if self._worker is None and self._commands.open_work and not self._failed:
                self._start_worker()
            elif self._worker is not None and self._is_idle(now):
                self._leaving = True
                self._worker.ask_to_end()
            due = now - self._scanned_at >= self._scan_interval
        if due and not self._paused:
            self._scanned_at = now
            if self._root.is_dir():  # else there is nothing to see, and the index is kept
                self._look_at_everything()

    def _look_at_everything(self) -> None:
        """The look that covers what no event told."""
        if self._watcher.warning is not None:
            self._watcher.look_again()  # what could not be watched may be possible now
            return
        if self._worker is not None:
            self.tell(Action.SCAN)
        elif not self._looking:
            self._begin_to_compare(None)

    def _begin_to_compare(self, left: IndexStatus | None) -> None:
        self._looking = True  # git may take its time, and requests must not wait for it
        threading.Thread(target=self._compare, args=(left,), name="look", daemon=True).start()

    def _compare(self, left: IndexStatus | None) -> None:
        """Have a worker look only if something differs: no process for nothing.

        With what the last leader `left`, the table is read as well: a worker would when it comes.
        """
        began = time.time()
        try:
            unchanged = is_unchanged(self._root, self._settings, left)
        except Exception as error:  # the worker will say what is wrong
            log.info("not compared: %s", error)
            unchanged = False
        self._looking = False
        if not unchanged:
            self.tell(Action.SCAN)
            return
        with self._lock:
            self._told = replace(self._told, last_scan_at=began)
            if self._worker is None and not self._commands.open_work:
                self._told = replace(self._told, phase=Phase.READY)
        self._on_change()
        if left is not None and not Index.is_sound(self._root):
            self.tell(Action.SCAN)

    @property
    def status(self) -> IndexStatus:
        """How things stand, with everything that the worker does not know of yet."""
        pending, busy, warning = self._watcher.pending, self._watcher.busy, self._watcher.warning
        with self._lock:
            told = self._told
            dirty = told.dirty + len(pending | self._commands.open_paths)
            waiting = busy or dirty > 0 or self._commands.open_work
            phase = told.phase
            if self._paused and phase is not Phase.ERROR:
                phase = Phase.PAUSED
            elif waiting and phase in {Phase.READY, Phase.PAUSED}:
                phase = Phase.SCANNING
            warnings = tuple(filter(None, (*told.warnings, warning)))
            pid = self._worker.pid if self._worker is not None else None
            told = replace(told, phase=phase, dirty=dirty, warnings=warnings, writer_pid=pid)
            halted = self._halt.since
            if halted is None or phase in {Phase.READY, Phase.PAUSED}:  # nothing waits for it
                return told
            error, at = self._halt.message, max(halted, self._told_at)
            return replace(told, phase=Phase.ERROR, last_error=error, updated_at=at)

    @property
    def _scan_interval(self) -> float:
        usual = self._settings.indexing.rescan_seconds
        return min(usual, _UNWATCHED_SECONDS) if self._watcher.warning else usual

    def _note(self, action: Action, paths: tuple[str, ...]) -> None:
        match action:
            case Action.PAUSE | Action.RESUME:
                self._paused = action is Action.PAUSE
            case Action.PRIORITISE:
                self._opened = paths
            case Action.SCAN:
                self._scanned_at = time.monotonic()
            case Action.TOUCH:
                self._blame.forgive(paths)
            case Action.REINDEX:
                self._blame.forgive()

    def _pass_on(self, command: Command) -> None:
        if self._worker is None:
            self._failed = False  # something has changed, so trying again may help
            self._start_worker()
        elif not self._leaving:  # otherwise its successor is told
            self._worker.send(command)

    def _start_worker(self) -> None:
        if self._stopped or time.monotonic() < self._not_before:
            return
        start = Start(self._settings, self._blame.passed_over, self._paused)
        try:
            self._worker = WorkerProcess(self._root, start, self._hear, self._mourn)
        except OSError as error:  # no memory, no processes left
            log.exception("no worker could be started")
            self._told = replace(self._told, last_error=f"no worker could be started: {error}")
            self._delay()
            return
        self._leaving, self._worked = False, False
        self._progress_at_start = _progress(self._told)
        self._active_at = time.monotonic()
        if self._opened:
            self._worker.send(Command(0, Action.PRIORITISE, self._opened))
        for command in self._commands.unconfirmed:
            if command.action in WORKING:  # `start` has told the others as they stand now
                self._worker.send(command)

    def _is_idle(self, now: float) -> bool:
        """Whether the worker has had nothing to do for so long that it should go."""
        if self._told.phase not in _AT_REST or self._commands.open_work:
            self._active_at = now
            return False
        limit = self._settings.indexing.worker_idle_seconds
        if not self._worked:
            limit = min(limit, _UNUSED_SECONDS)
        return not self._leaving and now - self._active_at >= limit

    def _hear(self, report: Report) -> None:
        with self._lock:
            self._commands.confirm(report.seen)
            ready = report.status.phase is Phase.READY
            error = report.status.last_error or self._blame.error
            if not ready:  # what went wrong before is told until all is well
                error = error or self._told.last_error
            self._told = replace(self._known(report.status), last_error=error)
            self._worked |= report.status.phase in {Phase.PARSING, Phase.ENCODING}
            if ready or _progress(report.status) > self._progress_at_start:
                self._crashes = 0
                self._blame.progressed()
        self._on_change()

    def _known(self, told: IndexStatus) -> IndexStatus:
        """What a worker told, completed by what was known before it came."""
        before = self._told
        if told.encoder:
            # Not the later of the two: the clock may have been set back.
            return replace(told, last_scan_at=told.last_scan_at or before.last_scan_at)
        # It has not opened the index yet; what is in there has not gone for that.
        return replace(before, phase=told.phase, dirty=told.dirty, updated_at=told.updated_at)

    def _mourn(self, worker: WorkerProcess) -> None:
        """A worker has ended, for one reason or another."""
        with self._lock:
            if worker is not self._worker:
                return  # ended by `stop`
            self._worker, self._leaving = None, False
            report = worker.last_report
            leaving = report.leaving if report is not None else None
            if leaving is Exit.FAILED and not self._commands.open_work:
                self._failed = True  # until something new is asked for
                self._commands.replace_all(Action.SCAN)
            elif leaving is not Exit.ASKED or self._told.phase not in _AT_REST:
                self._restart_after(worker, crashed=leaving is None)
        self._on_change()

    def _restart_after(self, worker: WorkerProcess, *, crashed: bool) -> None:
        """Go on with another worker, which looks at everything: what this one did is open."""
        if crashed:
            log.warning("worker %d ended with status %s", worker.pid, worker.exit_status)
            if self._blame.crashed():
                self._crashes = 0  # the next one has better prospects
        self._told = replace(self._told, phase=Phase.SCANNING, dirty=0, current_file=None)
        self._commands.replace_all(Action.SCAN)
        self._delay()
        if self._crashes >= _CRASHES_TOLD:
            self._tell_failure(worker, crashed=crashed)

    def _tell_failure(self, worker: WorkerProcess, *, crashed: bool) -> None:
        """Say that nothing moves; what ends the workers may still pass, so they go on."""
        report = worker.last_report
        error = report.status.last_error if report is not None else None
        if crashed:
            error = _death(worker.exit_status, error, index_home(self._root) / LOG_FILE)
        self._told = replace(
            self._told, phase=Phase.ERROR, last_error=error, updated_at=time.time()
        )

    def _delay(self) -> None:
        self._not_before = time.monotonic() + min(_LONGEST_DELAY, _FIRST_DELAY * 2**self._crashes)
        self._crashes += 1


def _death(exit_status: int | None, told: str | None, log_file: Path) -> str:
    """What to say of workers that die again and again, the last of which may have `told` why."""
    said = told if told and exit_status is not None and exit_status > 0 else None
    what = said or f"the indexer ended with status {exit_status}"
    if exit_status in _OUT_OF_MEMORY or "Memory" in what:
        return f"{what}\nMemory may be short: close other programs. It is tried again by itself."
    return f"{what}\nSee {log_file}. It is tried again by itself."


def _progress(status: IndexStatus) -> int:
    """Grows while an index is built, whichever worker builds it."""
    return status.files + status.texts_encoded
