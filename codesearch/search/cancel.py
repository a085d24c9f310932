"""Withdrawn questions: every stage looks here before it begins."""

from __future__ import annotations

from threading import Event

from codesearch.errors import SearchCancelledError


def check(stop: Event | None) -> None:
    """Raise SearchCancelledError if the caller no longer wants the answer."""
    if stop is not None and stop.is_set():
        raise SearchCancelledError("The search was cancelled.")
