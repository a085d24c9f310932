"""One workspace folder: an index that is kept fresh, and a searcher. All of this may block."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from codesearch.paths import check_root, index_home
from codesearch.settings import EncoderSettings, Settings
from codesearch.types import IndexStatus

if TYPE_CHECKING:
    from codesearch.indexing import IndexSupervisor
    from codesearch.search import EncoderHandle, Searcher

_log = logging.getLogger(__name__)

# An exit waits this long for indexes to be left in order; they survive a kill all the same.
_STOP_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Folder:
    """A workspace folder as the client names it."""

    path: Path
    uri: str
    name: str
    real: Path  # where links in `path` lead

    @classmethod
    def at(cls, path: Path, uri: str, name: str) -> Folder:
        """The folder at `path`, called after it unless it has a `name`."""
        return cls(path, uri, name or path.name, Path(os.path.realpath(path)))

    def holds(self, path: Path) -> str | None:
        """`path` relative to the folder, with forward slashes; None if it is not in it."""
        for base in (self.path, self.real):
            if path.is_relative_to(base):
                return path.relative_to(base).as_posix()
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Root:
    """An open folder. Replaced, never changed, when its settings change."""

    folder: Folder
    settings: Settings
    supervisor: IndexSupervisor
    searcher: Searcher

    @property
    def path(self) -> Path:
        """Where it is."""
        return self.folder.path

    @property
    def uri(self) -> str:
        """What the client calls it."""
        return self.folder.uri

    @property
    def status(self) -> IndexStatus:
        """The state of its index now. May wait for a lock: not for the event loop."""
        return self.supervisor.status


class Encoders:
    """The encoders of this process, one for each settings of an encoder. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._handles: dict[EncoderSettings, EncoderHandle] = {}

    def get(self, settings: EncoderSettings) -> EncoderHandle:
        """The handle for `settings`."""
        from codesearch.search import EncoderHandle

        with self._lock:
            return self._handles.setdefault(settings, EncoderHandle(settings))

    def keep(self, wanted: Iterable[EncoderSettings]) -> None:
        """Forget all others, so that their memory is given back."""
        kept = set(wanted)
        with self._lock:
            self._handles = {k: v for k, v in self._handles.items() if k in kept}


def start_root(
    folder: Folder, settings: Settings, encoders: Encoders, on_status: Callable[[IndexStatus], None]
) -> Root:
    """Begin to serve a folder. `on_status` is called on any thread when its status changes.

    Raises:
        UsageError: it is a file, or a folder that nobody means to search.
    """
    check_root(folder.path)
    from codesearch.languages import keep_apart

    # Before anything else, since the first question about a new folder parses.
    keep_apart(soon=not index_home(folder.real).exists())
    from codesearch.indexing import IndexSupervisor

    def heard(status: IndexStatus) -> None:
        if status.was_read:  # until then, all processors are busy making the index
            searcher.start(hold=True)
        on_status(status)

    supervisor = IndexSupervisor(folder.path, settings, heard)
    searcher = _searcher(folder, settings, encoders, supervisor)
    supervisor.start()
    return Root(folder, settings, supervisor, searcher)


def with_settings(root: Root, settings: Settings, encoders: Encoders) -> Root:
    """`root` with settings that do not concern its index; the index is left alone."""
    searcher = _searcher(root.folder, settings, encoders, root.supervisor)
    searcher.start(hold=True)
    root.searcher.close()
    return replace(root, settings=settings, searcher=searcher)


def _searcher(
    folder: Folder, settings: Settings, encoders: Encoders, supervisor: IndexSupervisor
) -> Searcher:
    from codesearch.indexing import Glance
    from codesearch.search import Searcher

    glance = Glance(folder.path, settings, lambda: supervisor.status.was_read)
    return Searcher(folder.path, settings, encoders.get(settings.encoder), unread=glance)


def stop_root(root: Root) -> None:
    """Stop serving a folder, and give back what it holds. Never raises."""
    for stop in (root.supervisor.stop, root.searcher.close):
        try:
            stop()
        except Exception:
            _log.exception("%s was not left in order", root.path)


def stop_all(roots: Iterable[Root]) -> None:
    """Stop all at once, at the end of the process, waiting a bounded time."""
    threads = [threading.Thread(target=stop_root, args=(root,), daemon=True) for root in roots]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_STOP_SECONDS)
