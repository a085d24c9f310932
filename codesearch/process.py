"""Whose process this is: codesearch's own (a command, the server, a worker) or a guest's.

In a process of its own, codesearch may take liberties that a notebook which also uses the same
packages would not expect.
"""

from __future__ import annotations

from threading import Event

_own = Event()


def claim() -> None:
    """Say that nothing but codesearch runs in this process. For the entry points alone."""
    _own.set()


def is_own() -> bool:
    """Whether `claim` was called."""
    return _own.is_set()
