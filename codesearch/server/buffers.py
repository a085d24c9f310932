"""Open documents as they are on the screen.

pygls's own documents are not used: they break lines at form feeds and other characters that
end no line in LSP, after which every edit lands in the wrong place.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from lsprotocol import types
from pygls import uris

from codesearch.paths import read_regular_file
from codesearch.server.positions import EditedText
from codesearch.server.protocol import well_formed

# Of a file that is compared with the screen, or looked at for columns: as large as any in an index.
MOST_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class Buffer:
    """One open document. `path` is None unless its URI names a file."""

    uri: str
    path: Path | None
    language_id: str
    version: int
    text: str
    saved_at: float = 0.0  # seconds since the epoch; 0: not since it was opened


class Buffers:
    """All open documents. Changed on the event loop only; buffers themselves never change."""

    def __init__(self) -> None:
        self._buffers: dict[str, Buffer] = {}
        # Called with the URI of what has been opened, saved or closed.
        self.listeners: list[Callable[[str], None]] = []
        self.encoding: str = types.PositionEncodingKind.Utf16

    def open(self, item: types.TextDocumentItem) -> Buffer:
        buffer = Buffer(
            item.uri,
            path_of(item.uri),
            item.language_id,
            item.version,
            well_formed(item.text),
        )
        self._buffers[item.uri] = buffer
        self._tell(item.uri)
        return buffer

    def change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Apply changes in order; those of a document that is not open are ignored."""
        buffer = self._buffers.get(params.text_document.uri)
        if buffer is None:
            return
        text = EditedText(buffer.text)
        for change in params.content_changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                text.replace(change.range, well_formed(change.text), self.encoding)
            else:
                text = EditedText(well_formed(change.text))
        version = params.text_document.version
        self._buffers[buffer.uri] = replace(buffer, text=str(text), version=version)

    def save(self, uri: str) -> None:
        """Note that the client has just written the document."""
        if (buffer := self._buffers.get(uri)) is not None:
            self._buffers[uri] = replace(buffer, saved_at=time.time())
            self._tell(uri)

    def close(self, uri: str) -> None:
        if self._buffers.pop(uri, None) is not None:
            self._tell(uri)

    def get(self, uri: str) -> Buffer | None:
        return self._buffers.get(uri)

    def files(self) -> tuple[Buffer, ...]:
        """Those that are files, as they are now."""
        return tuple(buffer for buffer in self._buffers.values() if buffer.path is not None)

    def _tell(self, uri: str) -> None:
        for listener in self.listeners:
            listener(uri)


class Unsaved:
    """Tells which buffers differ from their file. Thread-safe; compares each state once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, tuple[tuple[int, int, int], bool]] = {}

    def differs(self, buffer: Buffer) -> bool:
        """Whether `buffer` is not what is on disk. Reads files: not for the event loop."""
        path = buffer.path
        if path is None:
            return True
        try:
            stat = path.stat()
        except OSError:
            return True
        state = (buffer.version, stat.st_mtime_ns, stat.st_size)
        with self._lock:
            known = self._known.get(buffer.uri)
        if known is None or known[0] != state:
            known = (state, _normal(path) != _normal_text(buffer.text))
            with self._lock:
                self._known[buffer.uri] = known
        return known[1]

    def forget(self, uri: str) -> None:
        """Its document was closed."""
        with self._lock:
            self._known.pop(uri, None)


def _normal(path: Path) -> str | None:
    from codesearch.languages import to_utf8

    try:
        source = read_regular_file(path, MOST_BYTES, follow=True)
    except OSError:
        return None
    return _normal_text(to_utf8(source).decode("utf-8", "replace"))


def _normal_text(text: str) -> str:
    """Without what editors add and take away on their own: byte-order mark and line endings."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def path_of(uri: str) -> Path | None:
    """The file of a URI, or None where it names none (`untitled:`, `git:`, …)."""
    try:
        name = uris.to_fs_path(uri) if uri.startswith("file:") else None
    except ValueError:
        return None  # `file://[x`, which is no URI
    return Path(os.path.normpath(name)) if name and "\0" not in name else None


def display_path(path: str) -> str:
    """A path fit for JSON: bytes that are not UTF-8 are replaced."""
    return os.fsencode(path).decode("utf-8", "replace")
