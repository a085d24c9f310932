"""Progress where there is a terminal to draw it on."""

from __future__ import annotations

from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from codesearch.cli.fresh import Quiet
from codesearch.types import IndexStatus, Phase


class Bar(Quiet):
    """A progress bar that counts units with embeddings."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("[dim]{task.fields[now]}", markup=True),
            console=Console(stderr=True),
            transient=True,
        )
        self._task: TaskID = self._progress.add_task("scanning", total=None, now="")
        self._texts_before: int | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, status: IndexStatus) -> None:
        encoding = status.phase is Phase.ENCODING
        self._progress.update(
            self._task,
            description=status.phase.value,
            total=status.units if encoding else None,
            completed=status.encoded if encoding else status.units,
            now=self._texts(status) if encoding else escape(status.current_file or ""),
        )

    def say(self, line: str) -> None:
        self._progress.console.print(Text(line, style="yellow"))

    def _texts(self, status: IndexStatus) -> str:
        """Units are counted when a group of them is written; texts, while it is encoded."""
        if self._texts_before is None:
            self._texts_before = status.texts_encoded
        return f"{status.texts_encoded - self._texts_before:,} texts embedded"
