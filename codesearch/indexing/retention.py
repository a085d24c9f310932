"""Indexes that nobody will ask for again: their folder has been gone for long."""

from __future__ import annotations

import json
import logging
import shutil
import time
from pathlib import Path

from codesearch.errors import StoreError
from codesearch.indexing.protocol import LEADER_LOCK, STATUS_FILE
from codesearch.paths import all_index_homes
from codesearch.store import ProcessLock

log = logging.getLogger(__name__)

# A disk that is not mounted, or a folder that is moved back, is there again by then; if not,
# its vectors are still cached, and it is read anew in a moment.
KEPT_SECONDS = 30 * 86_400.0


def expire_indexes(*, now: float | None = None) -> list[Path]:
    """Remove the indexes of folders that are gone, and that nobody has written to for a month.

    Returns what was removed. Never raises: what cannot be removed is left for another time.
    """
    gone = [home for home in all_index_homes() if _is_forgotten(home, now or time.time())]
    return [home for home in gone if _remove(home)]


def _is_forgotten(home: Path, now: float) -> bool:
    try:
        written = max(file.stat().st_mtime for file in (home, *home.iterdir()))
        root = _root_of(home)
        return now - written > KEPT_SECONDS and not (root is not None and root.exists())
    except OSError:  # being made, or removed by somebody else; or a root that may not be seen
        return False


def _root_of(home: Path) -> Path | None:
    """The folder that it is of; None if nothing in it says so."""
    for name in (STATUS_FILE, "meta.json"):
        try:
            return Path(json.loads((home / name).read_bytes())["root"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None


def _remove(home: Path) -> bool:
    lock = ProcessLock(home / LEADER_LOCK)
    try:
        if not lock.acquire():
            return False
        shutil.rmtree(home)
    except (OSError, StoreError) as error:
        log.warning("not removed: %s", error)
        return False
    finally:
        lock.release()
    log.info("removed %s: its folder has been gone for long", home)
    return True
