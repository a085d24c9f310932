"""How those who do not lead ask the leader for something: a file each, dropped in a folder."""

from __future__ import annotations

import itertools
import os
import time
from pathlib import Path

from codesearch.indexing.protocol import Action, Command, decode, encode, replace_file
from codesearch.paths import index_home, make_private

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


def read_requests(root: Path) -> list[tuple[Path, Command]]:
    """The waiting requests, the oldest first. Those of no use are removed."""
    folder = index_home(root) / _FOLDER
    found: list[tuple[Path, Command]] = []
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".json"))  # noqa: PTH208
    except OSError:  # nobody has asked yet
        return found
    for name in names:
        path = folder / name
        try:
            stale = time.time() - path.stat().st_mtime > _STALE_SECONDS
            command = None if stale else decode(path.read_bytes(), Command)
        except (OSError, ValueError):
            command = None
        if command is None:
            path.unlink(missing_ok=True)
        else:
            found.append((path, command))
    return found
