"""The pipeline of one root without the process around it."""

from __future__ import annotations

import io
from pathlib import Path

from codesearch.encoder import describe
from codesearch.indexing.books import Books
from codesearch.indexing.crowd import Crowd
from codesearch.indexing.inbox import Inbox, Work
from codesearch.indexing.pipeline import Pipeline
from codesearch.indexing.reading import FileReader
from codesearch.indexing.reporter import Reporter
from codesearch.paths import index_home
from codesearch.settings import Settings
from codesearch.types import IndexStatus


class Bench:
    """A pipeline without the process around it."""

    def __init__(self, root: Path, settings: Settings, passed_over: tuple[str, ...] = ()) -> None:
        self.root = root
        self.settings = settings
        self.inbox = Inbox()
        self.reporter = Reporter(io.BytesIO(), self.inbox, IndexStatus(str(root)))
        home = index_home(root)
        home.mkdir(parents=True, exist_ok=True)
        self.reader = FileReader(root, settings.indexing, home / "current", passed_over)
        self.books = Books(root, describe(settings.encoder), settings.encoder)
        self.crowd = Crowd(root, settings.indexing, passed_over)
        self.pipeline = Pipeline(
            root,
            settings,
            books=self.books,
            reader=self.reader,
            crowd=self.crowd,
            inbox=self.inbox,
            reporter=self.reporter,
        )

    def scan(self, *, anew: bool = False) -> IndexStatus:
        self.pipeline.read(Work(scan=True, anew=anew))
        return self.settle()

    def touch(self, *paths: str) -> IndexStatus:
        self.pipeline.read(Work(paths=paths))
        return self.settle()

    def settle(self) -> IndexStatus:
        self.pipeline.settle()
        while self.pipeline.has_backlog or self.inbox.urgent:
            work = self.inbox.take(0)
            if work is not None:
                self.pipeline.read(work)
            else:
                self.pipeline.encode()
            self.pipeline.settle()
        return self.reporter.status

    def close(self) -> None:
        if self.inbox.stop_event.is_set():
            return
        self.inbox.stop()
        self.crowd.close()
        self.books.close()
        self.reader.close()
