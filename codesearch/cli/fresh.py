"""Bringing an index up to date before a command answers, with progress on stderr."""

from __future__ import annotations

import dataclasses
import sys
import time
from pathlib import Path
from typing import Self

import click
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

from codesearch.cli.output import status_line
from codesearch.encoder import describe
from codesearch.indexing import leader_pid, refresh
from codesearch.settings import Settings
from codesearch.types import IndexStatus, Phase, SearchResult

_LOG_SECONDS = 5.0  # between lines where there is no terminal to draw a bar on


def bring_up_to_date(
    root: Path, settings: Settings, *, words_only: bool = False, quiet: bool = False
) -> IndexStatus:
    """`codesearch.indexing.refresh`, with progress on stderr unless `quiet`.

    Raises what it does, and EncoderError before any work if the encoder is not there.
    """
    describe(settings.encoder)
    with _reporter(quiet) as reporter:
        status = refresh(root, settings, words_only=words_only, on_status=reporter.show)
    # The worker that told it may have ended since.
    return status if leader_pid(root) else dataclasses.replace(status, writer_pid=None)


def with_warning(result: SearchResult, status: IndexStatus | None) -> SearchResult:
    """`result`, noting what kept the index from being brought up to date before it."""
    if status is None or status.phase is not Phase.ERROR:
        return result
    note = f"the index may be older than the files: {status.last_error or 'unknown error'}"
    return dataclasses.replace(result, notes=(*result.notes, note))


class _Quiet:
    """No progress at all."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def show(self, status: IndexStatus) -> None:
        """Take note of a status."""


class _Lines(_Quiet):
    """Plain lines, one now and then, for logs."""

    def __init__(self) -> None:
        self._last = time.monotonic()
        self._phase: Phase | None = None

    def show(self, status: IndexStatus) -> None:
        now = time.monotonic()
        changed = status.phase is not self._phase and status.phase == Phase.ENCODING
        if changed or now - self._last >= _LOG_SECONDS:
            self._last, self._phase = now, status.phase
            click.echo(status_line(status), err=True)


class _Bar(_Quiet):
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

    def _texts(self, status: IndexStatus) -> str:
        """Units are counted when a group of them is written; texts, while it is encoded."""
        if self._texts_before is None:
            self._texts_before = status.texts_encoded
        return f"{status.texts_encoded - self._texts_before:,} texts embedded"


def _reporter(quiet: bool) -> _Quiet:
    if quiet:
        return _Quiet()
    return _Bar() if sys.stderr.isatty() else _Lines()
