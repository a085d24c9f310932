"""The watches of one root: kept equal to a plan, and honest about what is not watched."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch

from codesearch.indexing.watchplan import WatchPlan, unwatched, watch_limit

log = logging.getLogger(__name__)

# None of these is caused by reading a file, or the indexer would feed itself.
_EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileMovedEvent,
    FileDeletedEvent,
    DirCreatedEvent,
    DirMovedEvent,
    DirDeletedEvent,
    # Only Linux tells when a file that was written is closed.
    FileClosedEvent if sys.platform.startswith("linux") else FileModifiedEvent,
]


class WatchedTree:
    """Watches folders of `root`, and those where git keeps what it goes by.

    `see` is called with each event, from several threads, or with None when events were lost.
    """

    def __init__(self, root: Path, see: Callable[[FileSystemEvent | None], None]) -> None:
        self._root = root
        self._see = see
        self._observer: BaseObserver | None = None
        self._watches: dict[str, tuple[bool, ObservedWatch]] = {}
        self._git_watches: dict[Path, tuple[int, ObservedWatch]] = {}  # with the folder's inode
        self._gone: set[str] = set()
        self._gone_lock = threading.Lock()
        self._overflows = _OverflowHandler(lambda: see(None))
        self._overflows.attach()
        self.warning: str | None = None

    def follow(self, plan: WatchPlan) -> None:
        """Watch what `plan` says, no more and no less; `warning` tells what failed."""
        try:
            observer = self._started()
        except OSError as error:  # no inotify instance left
            self._warn(len(plan.folders), error)
            return
        self._drop_gone(observer)
        for folder in [
            f for f, (whole, _) in self._watches.items() if plan.entries.get(f) != whole
        ]:
            self._unwatch(observer, folder)
        refused: OSError | None = None
        for folder, whole in plan.entries.items():
            try:
                self._watch(observer, folder, whole=whole)
            except OSError as error:
                if (self._root / folder).is_dir():
                    refused = error
        if not self._root.is_dir():
            self.warning = f"{self._root} is gone"
            return
        missing = unwatched(self._root, plan)
        self._warn(missing or int(refused is not None), refused)

    def follow_git(self, git_folder: Path | None) -> None:
        """Watch the folders where git keeps HEAD, the index and its own exclusions."""
        wanted: dict[Path, int] = {}
        for folder in (git_folder, git_folder / "info") if git_folder is not None else ():
            with contextlib.suppress(OSError):
                if not folder.is_symlink():
                    wanted[folder] = folder.stat().st_ino
        with contextlib.suppress(OSError):  # `follow` meets it too, and tells
            observer = self._started()
            for folder in [f for f, (ino, _) in self._git_watches.items() if wanted.get(f) != ino]:
                _unschedule(observer, self._git_watches.pop(folder)[1])
            for folder in wanted.keys() - self._git_watches.keys():
                watch = observer.schedule(_Handler(self._take), str(folder), event_filter=_EVENTS)
                self._git_watches[folder] = (wanted[folder], watch)

    def close(self) -> None:
        """End all watches and their threads."""
        self._overflows.detach()
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()

    def _started(self) -> BaseObserver:
        if self._observer is None:
            observer = Observer()
            observer.start()
            self._observer = observer
        return self._observer

    def _take(self, event: FileSystemEvent) -> None:
        if isinstance(event, (DirDeletedEvent, DirMovedEvent)):
            # A watch follows its folder, not its path.
            with self._gone_lock:
                self._gone.add(os.fsdecode(event.src_path))
        self._see(event)

    def _drop_gone(self, observer: BaseObserver) -> None:
        with self._gone_lock:
            gone, self._gone = self._gone, set()
        for folder in list(self._watches):
            here = self._root / folder
            if not gone.isdisjoint(map(str, (here, *here.parents))):
                self._unwatch(observer, folder)

    def _watch(self, observer: BaseObserver, folder: str, *, whole: bool) -> None:
        if folder not in self._watches:
            path = str(self._root / folder)
            watch = observer.schedule(
                _Handler(self._take), path, recursive=whole, event_filter=_EVENTS
            )
            self._watches[folder] = (whole, watch)

    def _unwatch(self, observer: BaseObserver, folder: str) -> None:
        _unschedule(observer, self._watches.pop(folder)[1])

    def _warn(self, missing: int, error: OSError | None) -> None:
        if missing == 0:
            self.warning = None
            return
        limit = watch_limit()
        advice = "" if limit is None else f" (fs.inotify.max_user_watches is {limit})"
        reason = f": {error.strerror}" if error is not None and error.strerror else ""
        self.warning = (
            f"{missing} folders cannot be watched{reason}{advice}; "
            "their changes are found by looking again every few seconds"
        )
        log.warning("%s: %s", self._root, self.warning)


def _unschedule(observer: BaseObserver, watch: ObservedWatch) -> None:
    try:
        observer.unschedule(watch)
    except (KeyError, OSError) as error:  # it ended with its folder
        log.debug("watch of %s: %s", watch.path, error)


class _Handler(FileSystemEventHandler):
    def __init__(self, take: Callable[[FileSystemEvent], None]) -> None:
        self._take = take

    def on_any_event(self, event: FileSystemEvent) -> None:
        self._take(event)


class _OverflowHandler(logging.Handler):
    """Hears the only sign that watchdog gives when the system drops events: a log line."""

    _LOGGER = logging.getLogger("watchdog.observers")

    def __init__(self, lost: Callable[[], None]) -> None:
        super().__init__(logging.WARNING)
        self._lost = lost

    def attach(self) -> None:
        self._LOGGER.addHandler(self)

    def detach(self) -> None:
        self._LOGGER.removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        if "overflow" in record.getMessage().lower():
            self._lost()
