"""What each file of a table held when it was written: LanceDB does not check what it reads.

A file that rotted on its disk, or lost its end with the power, would give wrong answers without a
word. The table's files never change once they are written, so each is read once when it is new,
and all of them when a writer opens the table. What a killed writer did not come to seal is sealed
by the next one, as it is.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

from codesearch.errors import StoreDamagedError
from codesearch.paths import replace_file
from codesearch.store.layout import SEALS_FILE, TABLE_NAME

_log = logging.getLogger(__name__)
_IMMUTABLE = ("data", "_indices", "_deletions", "_versions")
_HINT = "latest_version_hint.json"  # rewritten each time, and only spares a listing


def check(home: Path) -> None:
    """Read every sealed file of the table in `home`.

    StoreDamagedError for the first that differs, or if the seals cannot be read; OSError if a file
    cannot be opened. A file that is gone is none of its business: old versions are cleaned up.
    """
    for name, seal in _read(home).items():
        try:
            found = _seal(home / name)
        except FileNotFoundError:
            continue
        if found != seal:
            raise StoreDamagedError(f"{home / name} is not what was written")


def renew(home: Path) -> None:
    """Seal the files that are new, and forget those that are gone. Never raises."""
    try:
        known = _read(home)
        now = {name: known.get(name) or _seal(home / name) for name in _files(home)}
        if now != known:
            _write(home, now)
    except (OSError, StoreDamagedError) as error:  # the next check, or the next write, sees to it
        _log.warning("the index in %s is not sealed: %s", home, error)


def _files(home: Path) -> Iterator[str]:
    for folder in _IMMUTABLE:
        for at, _, names in os.walk(home / f"{TABLE_NAME}.lance" / folder):
            for name in set(names) - {_HINT}:
                yield (Path(at) / name).relative_to(home).as_posix()


def _seal(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read(home: Path) -> dict[str, str]:
    try:
        seals = json.loads((home / SEALS_FILE).read_bytes())
    except FileNotFoundError:  # made by a version that did not seal
        return {}
    except ValueError as error:
        raise StoreDamagedError(f"{home / SEALS_FILE} is damaged: {error}") from error
    if not isinstance(seals, dict):
        raise StoreDamagedError(f"{home / SEALS_FILE} is damaged")
    return seals


def _write(home: Path, seals: dict[str, str]) -> None:
    replace_file(home / SEALS_FILE, json.dumps(seals))
