"""Bringing an index up to date before a command answers, with progress on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from codesearch.cli.output import status_line
from codesearch.errors import StoreError
from codesearch.indexing import IndexSupervisor
from codesearch.settings import Settings
from codesearch.types import IndexStatus, Phase

_LOG_SECONDS = 5.0  # between lines where there is no terminal to draw a bar on


def words_ready(since: float) -> Callable[[IndexStatus], bool]:
    """True once a scan begun after `since` is searchable by words at least."""

    def reached(status: IndexStatus) -> bool:
        if status.phase in {Phase.ERROR, Phase.PAUSED}:
            return True
        return (
            status.last_scan_at >= since
            and status.dirty == 0
            and status.phase
            in {
                Phase.ENCODING,
                Phase.READY,
            }
        )

    return reached


def all_ready(since: float) -> Callable[[IndexStatus], bool]:
    """True once a scan begun after `since` is searchable by every view."""

    def reached(status: IndexStatus) -> bool:
        if status.phase in {Phase.ERROR, Phase.PAUSED}:
            return True
        return status.complete and status.last_scan_at >= since

    return reached


def bring_up_to_date(
    root: Path,
    settings: Settings,
    until: Callable[[float], Callable[[IndexStatus], bool]],
    *,
    quiet: bool = False,
) -> IndexStatus:
    """Index what changed in `root` until `until(now)` holds, then leave the index to others.

    Raises:
        StoreError: the index cannot be written.
    """
    with _reporter(quiet) as reporter:
        supervisor = IndexSupervisor(root, settings, reporter.show)
        began = time.time()
        supervisor.start()
        try:
            status = supervisor.wait(until(began), None)
        finally:
            supervisor.stop()
    if status.phase is Phase.ERROR:
        raise StoreError(
            f"indexing stopped: {status.last_error or 'unknown error'}",
            "Run `codesearch doctor` for a diagnosis.",
        )
    return status


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
            TextColumn("[dim]{task.fields[file]}", markup=True),
            console=Console(stderr=True),
            transient=True,
        )
        self._task: TaskID = self._progress.add_task("scanning", total=None, file="")

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
            file=status.current_file or "",
        )


def _reporter(quiet: bool) -> _Quiet:
    if quiet:
        return _Quiet()
    return _Bar() if sys.stderr.isatty() else _Lines()
