"""Noticing changes in a root while the program runs.

An event says no more than "this path may have changed": what became of it is found out by
looking. Paths are collected until a quiet moment and handed on together; when there are many,
or when the rules themselves changed, the whole root is handed on instead.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from watchdog.events import FileClosedEvent, FileModifiedEvent, FileSystemEvent

from codesearch.indexing.git import git_folder
from codesearch.indexing.ignores import IGNORE_FILES, RULING_FILES, IgnoreRules
from codesearch.indexing.scan import rules_of
from codesearch.indexing.watchedtree import WatchedTree
from codesearch.indexing.watchplan import make_plan
from codesearch.settings import IndexingSettings

log = logging.getLogger(__name__)

# Written by a checkout, a commit, `git add`: what is tracked may have changed.
_GIT_FILES = frozenset({"HEAD", "index", "info/exclude"})
# More paths than this are looked at together with all others.
_BURST_PATHS = 300
# Changes that never pause are handed on after this many quiet times.
_LONGEST_WAIT = 8


class Watcher:
    """Watches one root, from `start` to `stop`, in threads of its own.

    Args:
        on_paths: called with paths (files or folders) that may have changed.
        on_everything: called when the whole root has to be looked at.
        on_pending: called when `pending` or `warnings` changed.
    """

    def __init__(
        self,
        root: Path,
        settings: IndexingSettings,
        *,
        on_paths: Callable[[tuple[str, ...]], None],
        on_everything: Callable[[], None],
        on_pending: Callable[[], None],
    ) -> None:
        self._root = Path(os.path.realpath(root))
        self._settings = settings
        self._on_paths = on_paths
        self._on_everything = on_everything
        self._on_pending = on_pending
        self._rules: IgnoreRules | None = None
        self._git_folder: Path | None = None
        self._tree = WatchedTree(self._root, self._see)
        self._changed = threading.Condition()
        self._paths: dict[str, int] = {}  # path -> number of its last event
        self._events = 0
        self._everything = False
        self._folders_changed = False
        self._handing_on = False
        self._first = self._last = 0.0
        self._late = False
        self._stopping = False
        self._problem: str | None = None
        self._established = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def start(self, wait: float) -> bool:
        """Begin to watch; True if every change from now on is seen.

        That may take longer than `wait` seconds: then it is False, and `on_everything` is
        called when it is so.
        """
        self._thread.start()
        self._established.wait(wait)
        with self._changed:
            self._late = not self._established.is_set()
            return not self._late

    def stop(self) -> None:
        """End all threads."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def look_again(self) -> None:
        """Renew rules and watches, and have everything looked at."""
        self._see(None)

    @property
    def pending(self) -> set[str]:
        """Paths that changed and were not handed on yet."""
        with self._changed:
            return set(self._paths)

    @property
    def busy(self) -> bool:
        """Whether something changed that was not handed on yet."""
        with self._changed:
            return self._has_news or self._handing_on

    @property
    def warning(self) -> str | None:
        """What is not watched and why, for the user."""
        return self._problem or self._tree.warning

    @property
    def _has_news(self) -> bool:
        return self._everything or bool(self._paths)

    def _see(self, event: FileSystemEvent | None) -> None:
        """Take note of an event; None: events were lost."""
        with self._changed:
            was_busy, before = self._has_news, len(self._paths)
            self._events += 1
            if event is None:
                self._everything = True
            else:
                content = isinstance(event, (FileClosedEvent, FileModifiedEvent))
                for path in {event.src_path, event.dest_path} - {"", b""}:
                    absolute = Path(os.fsdecode(path))
                    self._everything |= self._changes_rules(absolute, content_only=content)
                    self._see_path(absolute, is_folder=event.is_directory)
            is_busy = self._has_news
            if is_busy:
                self._last = time.monotonic()
                self._first = self._first if was_busy else self._last
            self._changed.notify_all()
        if is_busy and (not was_busy or before != len(self._paths)):
            self._on_pending()

    def _changes_rules(self, absolute: Path, *, content_only: bool) -> bool:
        """Whether more than the path itself has to be looked at."""
        if self._git_folder is not None and absolute.is_relative_to(self._git_folder):
            return absolute.relative_to(self._git_folder).as_posix() in _GIT_FILES
        if absolute == self._root or absolute.name in IGNORE_FILES:
            return True
        return not content_only and (absolute.name == ".git" or absolute.name in RULING_FILES)

    def _see_path(self, absolute: Path, *, is_folder: bool) -> None:
        if absolute == self._root or not absolute.is_relative_to(self._root):
            return
        # An ignored folder that is new should not stay watched either.
        self._folders_changed |= is_folder
        path = absolute.relative_to(self._root).as_posix()
        if self._is_kept(path, is_folder=is_folder):
            self._paths[path] = self._events

    def _is_kept(self, path: str, *, is_folder: bool) -> bool:
        rules = self._rules
        if rules is None:
            return True
        return not (rules.ignores_folder(path) if is_folder else rules.ignores_file(path))

    def _run(self) -> None:
        try:
            self._try(self._renew_rules)
            with self._changed:
                self._established.set()
                late = self._late
            self._on_pending()
            if late:
                self._on_everything()
            while self._wait_for_quiet():
                self._try(self._hand_on)
                self._on_pending()
        finally:
            self._tree.close()

    def _try(self, step: Callable[[], None]) -> None:
        """Do `step`; when it fails, say so and have everything looked at in its place."""
        try:
            step()
            self._problem = None
        except Exception as error:  # a thread that ends would leave all changes unseen
            log.exception("changes of %s are not watched", self._root)
            self._problem = f"changes are noticed late: {error}"
            with self._changed:
                self._paths.clear()
                self._everything = self._handing_on = False
            with contextlib.suppress(Exception):
                self._on_everything()

    def _renew_rules(self) -> None:
        self._git_folder = git_folder(self._root)  # it may have come or gone
        self._rules = rules_of(self._root, self._settings)
        self._tree.follow_git(self._git_folder)
        self._tree.follow(make_plan(self._root, self._rules))

    def _wait_for_quiet(self) -> bool:
        """Wait until there is something to hand on; False when stopping."""
        quiet = self._settings.debounce_ms / 1000
        with self._changed:
            while not self._stopping:
                if not self._has_news:
                    self._changed.wait()
                    continue
                now = time.monotonic()
                due = min(self._last + quiet, self._first + quiet * _LONGEST_WAIT)
                if now >= due:
                    return True
                self._changed.wait(due - now)
            return False

    def _hand_on(self) -> None:
        with self._changed:
            paths = dict(self._paths)
            everything = self._everything or len(paths) > _BURST_PATHS
            folders_changed, self._folders_changed = self._folders_changed, False
            self._everything, self._handing_on = False, True
        # New folders are watched before they are looked into, so that nothing falls between.
        if everything:
            self._renew_rules()
            self._on_everything()
        else:
            if folders_changed and self._rules is not None:
                self._tree.follow(make_plan(self._root, self._rules))
            self._on_paths(tuple(paths))
        with self._changed:  # only now: a path is always pending here or known there
            for path, number in paths.items():
                if self._paths.get(path) == number:
                    del self._paths[path]
            self._handing_on = False
            self._first = self._last = time.monotonic()
