"""Between the positions inside (UTF-8 bytes) and those of a client, in its encoding.

This is the only place where columns change their unit. LSP counts a column in code units of
the negotiated encoding; `Span` counts bytes of UTF-8. Whatever is out of range is clamped to
the nearest place that exists, as the specification asks.
"""

from __future__ import annotations

import itertools
import re

from lsprotocol import types

from codesearch.types import Span

_EOL = re.compile(r"\r\n|\n|\r")
_BOM = b"\xef\xbb\xbf"
# The server's order of preference: the first needs no conversion at all.
_PREFERRED = (
    types.PositionEncodingKind.Utf8,
    types.PositionEncodingKind.Utf16,
    types.PositionEncodingKind.Utf32,
)


def choose_encoding(offered: list[str]) -> list[str]:
    """What the client offered, in the server's order of preference."""
    known = [kind.value for kind in _PREFERRED]
    return sorted(offered, key=lambda kind: known.index(kind) if kind in known else len(known))


def width(text: str, encoding: str) -> int:
    """Code units of `text` in `encoding`; UTF-16 where it is not known, as in LSP."""
    if encoding == types.PositionEncodingKind.Utf8:
        return len(text.encode("utf-8", "replace"))
    if encoding == types.PositionEncodingKind.Utf32:
        return len(text)
    return len(text) + sum(char > "\uffff" for char in text)


class Lines:
    """The lines of a file as bytes, split as the parser splits them: at line feeds only."""

    def __init__(self, source: bytes) -> None:
        self._lines = source.split(b"\n")

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, line: int) -> bytes:
        """Line `line` (0-based, in range) without its line ending."""
        return self._lines[line].removesuffix(b"\r")


def to_client(lines: Lines, line: int, byte_column: int, encoding: str) -> types.Position:
    """The client's position of a byte column.

    A byte-order mark is not counted: editors do not show it.
    """
    line = max(line, 0)
    if line >= len(lines):
        line, byte_column = len(lines) - 1, len(lines[len(lines) - 1])
    before = lines[line][: max(byte_column, 0)]
    if line == 0:
        before = before.removeprefix(_BOM)
    # "ignore" drops a character that the column cuts in two, so that its start is meant.
    return types.Position(line, width(before.decode("utf-8", "ignore"), encoding))


def range_of(span: Span, lines: Lines, encoding: str) -> types.Range:
    """The client's range of a span; `lines` are those of the text that the span is of."""
    return types.Range(
        start=to_client(lines, span.start_line, span.start_column, encoding),
        end=to_client(lines, span.end_line, span.end_column, encoding),
    )


def index_of(text: str, position: types.Position, encoding: str) -> int:
    """Where in `text` a client's position is; between characters, and in range, whatever was asked.

    Lines end as in LSP: at line feeds, carriage returns, or both; never at form feeds.
    """
    start, passed = 0, 0
    for ending in itertools.islice(_EOL.finditer(text), position.line):
        start, passed = ending.end(), passed + 1
    if passed < position.line:
        return len(text)
    end = _EOL.search(text, start)
    line = text[start : end.start() if end else len(text)]
    return start + _column_index(line, position.character, encoding)


def line_of(text: str, line: int) -> str:
    """Line `line` (0-based) without its line ending; empty beyond the last."""
    lines = _EOL.split(text)
    return lines[line] if 0 <= line < len(lines) else ""


def text_in(text: str, wanted: types.Range, encoding: str) -> str:
    """The part of `text` in a client's range."""
    return text[index_of(text, wanted.start, encoding) : index_of(text, wanted.end, encoding)]


def _column_index(line: str, character: int, encoding: str) -> int:
    if line.isascii() or encoding == types.PositionEncodingKind.Utf32:
        return min(character, len(line))
    units = 0
    for index, char in enumerate(line):
        units += width(char, encoding)
        if units > character:
            return index
    return len(line)
