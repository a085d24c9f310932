"""Bringing an index up to date before a command answers, with progress on stderr."""

from __future__ import annotations

import dataclasses
import sys
import time
from pathlib import Path
from typing import Self

import click

from codesearch.cli.output import status_line
from codesearch.encoder import describe
from codesearch.indexing import leader_pid, refresh
from codesearch.indexing.forecast import note_told, warning, was_told
from codesearch.settings import Settings
from codesearch.types import IndexStatus, Phase, SearchResult

_ONLY_WORDS = "`codesearch warmup` and editors embed it; here only its words are read."
_TO_STOP = "Ctrl-C stops it; the next time it goes on from there."
_LOG_SECONDS = 5.0  # between lines where there is no terminal to draw a bar on


def bring_up_to_date(
    root: Path, settings: Settings, *, words_only: bool = False, quiet: bool = False
) -> IndexStatus:
    """`codesearch.indexing.refresh`, with progress on stderr unless `quiet`.

    Raises what it does, and EncoderError before any work if the encoder is not there.
    """
    describe(settings.encoder)
    with _reporter(quiet) as reporter:
        warner = _Warner(root, settings, reporter, words_only=words_only)
        on_status = reporter.show if quiet else warner.show
        status = refresh(root, settings, words_only=words_only, on_status=on_status)
        if not quiet:
            warner.look(status)  # it may have gone by too quickly
    # The worker that told it may have ended since.
    return status if leader_pid(root) else dataclasses.replace(status, writer_pid=None)


def with_warning(result: SearchResult, status: IndexStatus | None) -> SearchResult:
    """`result`, noting what kept the index from being brought up to date before it."""
    if status is None or status.phase is not Phase.ERROR:
        return result
    note = f"the index may be older than the files: {status.last_error or 'unknown error'}"
    return dataclasses.replace(result, notes=(*result.notes, note))


class Quiet:
    """No progress at all."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def show(self, status: IndexStatus) -> None:
        """Take note of a status."""

    def say(self, line: str) -> None:
        """Tell something that stays."""


class _Lines(Quiet):
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

    def say(self, line: str) -> None:
        click.secho(line, fg="yellow", err=True)


class _Warner:
    """Says before the work what much work costs: once a run, or once for what is not done here."""

    def __init__(
        self, root: Path, settings: Settings, reporter: Quiet, *, words_only: bool
    ) -> None:
        self._root = root
        self._settings = settings
        self._reporter = reporter
        self._words_only = words_only
        self._done = False

    def show(self, status: IndexStatus) -> None:
        """Take note of a status, and show it."""
        self._reporter.show(status)
        self.look(status)

    def look(self, status: IndexStatus) -> None:
        """Say what is to be said of a status."""
        if status.ahead is None or self._done:
            return
        self._done = True
        if self._words_only and was_told(self._root):
            return
        hint = _ONLY_WORDS if self._words_only else _TO_STOP
        self._reporter.say(f"{warning(self._root.name, status.ahead, self._settings)} {hint}")
        note_told(self._root)


def _reporter(quiet: bool) -> Quiet:
    if quiet:
        return Quiet()
    if not sys.stderr.isatty():
        return _Lines()
    from codesearch.cli.bar import Bar  # takes a tenth of a command's start

    return Bar()
