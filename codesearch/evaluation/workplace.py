"""A private folder for one evaluation, gone afterwards together with the index made in it."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil

from codesearch.errors import StoreError
from codesearch.paths import evaluation_home, index_home, make_private


@contextlib.contextmanager
def workplace(name: str) -> Iterator[Path]:
    """An empty folder called `name` in the cache. StoreError if it cannot be written.

    What evaluations left that were killed is removed first.
    """
    _remove_leftovers()
    own = evaluation_home() / f"{os.getpid()}-{secrets.token_hex(4)}"
    try:
        with writing():
            folder = make_private(own / name)
        yield folder
    finally:
        _remove(own)


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """What the system refuses as a StoreError."""
    try:
        yield
    except OSError as error:
        remedy = "Free some space, or set CODESEARCH_CACHE_DIR to another disk."
        raise StoreError(f"cannot copy the repository: {error}", remedy) from error


def _remove_leftovers() -> None:
    for folder in evaluation_home().glob("*-*"):
        pid = folder.name.partition("-")[0]
        if pid.isdecimal() and not psutil.pid_exists(int(pid)):
            _remove(folder)


def _remove(folder: Path) -> None:
    for root in folder.glob("*"):
        shutil.rmtree(index_home(root), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):  # another evaluation is at work
        evaluation_home().rmdir()
