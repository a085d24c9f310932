"""The text of hits, read from the workspace when it is shown and never stored.

Files of a workspace are not trusted: only regular files that really lie inside the root are
opened, without waiting, and only a bounded number of bytes is read. UTF-16 is read as UTF-8,
which is what spans count.
"""

from __future__ import annotations

import codecs
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from codesearch.languages import to_utf8
from codesearch.types import Span

# The most that is read of one unit, whatever its span says.
_MAX_BYTES = 64 * 1024
# The most that is read of a file as a whole, to find what lies at a position in it.
_MAX_FILE_BYTES = 4 * 1024 * 1024
# No line of a snippet is shown longer than this many characters.
_MAX_LINE = 400


@dataclass(frozen=True, slots=True)
class Texts:
    """The files of one root as they are now: unsaved buffers first, then the disk.

    For one question: where a path leads is looked up once, what it holds every time.
    """

    root: Path
    buffers: Mapping[str, bytes] = field(default_factory=dict)  # path -> text in UTF-8
    _places: dict[str, str | None] = field(default_factory=dict, repr=False, compare=False)

    def exists(self, path: str) -> bool:
        """Whether `path` can be shown: a buffer, or a regular file inside the root."""
        return path in self.buffers or self._place(path) is not None

    def whole(self, path: str) -> bytes | None:
        """All of `path`, or None if it is gone, unreadable or too large."""
        if path in self.buffers:
            return self.buffers[path]
        data = _read(self._place(path), 0, _MAX_FILE_BYTES + 1)
        return None if data is None or len(data) > _MAX_FILE_BYTES else data

    def of_span(self, path: str, span: Span) -> str:
        """The text of `span` from the start of its first line, bounded; "" if unreadable."""
        start = span.start_byte - span.start_column
        size = min(span.end_byte - start, _MAX_BYTES)
        if path in self.buffers:
            data: bytes | None = self.buffers[path][start : start + size]
        else:
            data = _read(self._place(path), start, size)
        return (data or b"").decode("utf-8", errors="replace")

    def snippet(self, path: str, span: Span, lines: int) -> str:
        """The first `lines` lines of `span`, with their indentation."""
        shown = self.of_span(path, span).splitlines()[:lines]
        return "\n".join(line[:_MAX_LINE] for line in shown)

    def _place(self, path: str) -> str | None:
        """The real path of a regular file inside the root, or None; looked up once."""
        if path not in self._places:
            self._places[path] = self._find(path)
        return self._places[path]

    def _find(self, path: str) -> str | None:
        try:
            folder, _, name = path.rpartition("/")
            home = self._folder(folder)
            if home is None or name in ("", ".", ".."):
                return None
            mode = os.lstat(f"{home}/{name}").st_mode
            if stat.S_ISLNK(mode):
                return _inside(self._folder("") or "", path)
            return f"{home}/{name}" if stat.S_ISREG(mode) else None
        except (OSError, ValueError):
            return None

    def _folder(self, path: str) -> str | None:
        """The real path of a folder inside the root, or None.

        Looked up step by step, since files that are found together lie near each other.
        """
        key = path + "/"  # no file's path ends so
        if key not in self._places:
            self._places[key] = self._find_folder(path)
        return self._places[key]

    def _find_folder(self, path: str) -> str | None:
        if not path:
            return os.path.realpath(self.root)
        above, _, name = path.rpartition("/")
        home = self._folder(above)
        if home is None or name in ("", ".", ".."):
            return None
        mode = os.lstat(f"{home}/{name}").st_mode
        if stat.S_ISLNK(mode):
            real = os.path.realpath(f"{home}/{name}")
            return real if _is_within(self._folder("") or "", real) else None
        return f"{home}/{name}" if stat.S_ISDIR(mode) else None


def _inside(home: str, path: str) -> str | None:
    """The real path of a regular file inside `home`, a real path, or None."""
    real = os.path.realpath(os.path.join(home, path))  # noqa: PTH118
    return real if _is_within(home, real) and Path(real).is_file() else None


def _is_within(home: str, real: str) -> bool:
    return os.path.commonpath((home, real)) == home


def _read(real: str | None, start: int, size: int) -> bytes | None:
    """`size` bytes of the file's text in UTF-8, from byte `start`."""
    if real is None:
        return None
    # What was a file a moment ago may be a link or a pipe by now: neither is followed.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        with os.fdopen(os.open(real, flags | getattr(os, "O_BINARY", 0)), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return None
            return _part(file, max(0, start), size)
    except (OSError, ValueError):
        return None


def _part(file: BinaryIO, start: int, size: int) -> bytes:
    head = file.read(2)
    if head in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        # Text takes at most twice the bytes it has in UTF-8: what is needed is among these.
        whole = to_utf8(head + file.read(2 * min(start + size, _MAX_FILE_BYTES + 1)))
        return whole[start : start + size]
    file.seek(start)
    return file.read(size)
