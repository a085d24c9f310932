"""How those who do not lead ask the leader for something: a file each, dropped in a folder."""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from pathlib import Path

from codesearch.indexing.protocol import Action, Command, decode, encode
from codesearch.paths import index_home, make_private, replace_file

_FOLDER = "requests"
# What a leader that died has left unread is too old to be meant for its successor.
_STALE_SECONDS = 15.0
_numbers = itertools.count(1)


def drop_request(root: Path, action: Action, paths: tuple[str, ...] = ()) -> Path:
    """Ask the leader of `root`; the file is gone when the leader has taken it over."""
    folder = make_private(index_home(root) / _FOLDER)
    name = f"{time.time_ns():020d}-{os.getpid()}-{next(_numbers)}.json"
    replace_file(folder / name, encode(Command(0, action, paths)))
    return folder / name


def drop_stale_requests(root: Path) -> None:
    """Remove what was asked of an earlier leader. For a new one, before it reads any."""
    for path in _waiting(root):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                path.unlink()


def read_requests(root: Path) -> list[tuple[Path, Command]]:
    """The waiting requests, the oldest first. Those that cannot be read are removed."""
    found: list[tuple[Path, Command]] = []
    for path in _waiting(root):
        try:
            found.append((path, decode(path.read_bytes(), Command)))
        except (OSError, ValueError):
            with contextlib.suppress(OSError):
                path.unlink()
    return found


def _waiting(root: Path) -> list[Path]:
    folder = index_home(root) / _FOLDER
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".json")
    except OSError:  # nobody has asked yet
        return []
