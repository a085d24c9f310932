"""Which file ends the worker whenever it is read."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from pathlib import Path

log = logging.getLogger(__name__)

# A worker may be killed by others, which hits some file by chance, but not the same one so
# many times in a row without anything being done between.
_CRASHES = 4


class CrashBlame:
    """Counts crashes in a row on one file, which `marker` names. For one thread at a time."""

    def __init__(self, marker: Path) -> None:
        self._marker = marker
        self._suspect = ""
        self._crashes = 0
        self._passed_over: dict[str, None] = {}

    @property
    def passed_over(self) -> tuple[str, ...]:
        """Files that are not to be parsed as they are."""
        return tuple(self._passed_over)

    @property
    def error(self) -> str | None:
        """What to tell the user of them."""
        if not self._passed_over:
            return None
        names = ", ".join(self._passed_over)
        return f"{names} is passed over: reading it ended the indexer"

    def crashed(self) -> bool:
        """A worker crashed; True if a file is passed over from now on for that."""
        path = self._marked()
        self._crashes = self._crashes + 1 if path == self._suspect else 1
        self._suspect = path
        if not path or self._crashes < _CRASHES or path in self._passed_over:
            return False
        self._passed_over[path] = None
        log.error("%s", self.error)
        return True

    def progressed(self) -> None:
        """Something was done since the last crash, so that was no row of crashes."""
        self._suspect, self._crashes = "", 0

    def forgive(self, paths: Iterable[str] | None = None) -> None:
        """These files, or all, may have become harmless."""
        for path in tuple(self._passed_over) if paths is None else paths:
            self._passed_over.pop(path, None)

    def _marked(self) -> str:
        try:
            return os.fsdecode(self._marker.read_bytes())
        except OSError:
            return ""
