"""Between the positions inside (UTF-8 bytes) and those of a client, in its encoding.

This is the only place where columns change their unit. LSP counts a column in code units of
the negotiated encoding; `Span` counts bytes of UTF-8. Whatever is out of range is clamped to
the nearest place that exists, as the specification asks.
"""

from __future__ import annotations

import io

from lsprotocol import types

from codesearch.types import Span

_BOM = b"\xef\xbb\xbf"
_LINE_FEED = 10
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
    """The lines of a file as bytes, split as the parser splits them: at line feeds only.

    A file is read for the few lines in which hits begin and end, so no other line is made.
    """

    def __init__(self, source: bytes) -> None:
        import numpy as np  # not before a client has been answered

        self._source = source
        self._ends = np.flatnonzero(np.frombuffer(source, np.uint8) == _LINE_FEED)

    def __len__(self) -> int:
        return len(self._ends) + 1

    def __getitem__(self, line: int) -> bytes:
        """Line `line` (0-based, in range) without its line ending."""
        start = int(self._ends[line - 1]) + 1 if line else 0
        end = int(self._ends[line]) if line < len(self._ends) else len(self._source)
        return self._source[start:end].removesuffix(b"\r")


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
    if before.isascii():
        return types.Position(line, len(before))
    # "ignore" drops a character that the column cuts in two, so that its start is meant.
    return types.Position(line, width(before.decode("utf-8", "ignore"), encoding))


def range_of(span: Span, lines: Lines, encoding: str) -> types.Range:
    """The client's range of a span; `lines` are those of the text that the span is of."""
    return types.Range(
        start=to_client(lines, span.start_line, span.start_column, encoding),
        end=to_client(lines, span.end_line, span.end_column, encoding),
    )


def byte_column(lines: Lines, position: types.Position, encoding: str) -> int:
    """The byte in its line that a client's position is at; the way back from `to_client`."""
    if position.line >= len(lines):
        return 0
    line = lines[position.line]
    mark = len(_BOM) if position.line == 0 and line.startswith(_BOM) else 0
    text = line[mark:].decode("utf-8", "surrogateescape")
    before = text[: _column_index(text, position.character, encoding)]
    return mark + len(before.encode("utf-8", "surrogateescape"))


class EditedText:
    """A text being edited, kept as its lines so that an edit costs what it touches.

    Lines end as in LSP: at line feeds, carriage returns, or both; never at form feeds.
    """

    def __init__(self, text: str) -> None:
        self._lines = _split(text)

    def __str__(self) -> str:
        return "".join(self._lines)

    def replace(self, span: types.Range, new: str, encoding: str) -> None:
        """Put `new` in the place of a client's range.

        What is out of range is clamped, and no character or line ending is cut in two.
        """
        first, start = self._place(span.start, encoding)
        last, end = max((first, start), self._place(span.end, encoding))
        before, after = self._lines[first][:start], self._lines[last][end:]
        if first > 0 and self._lines[first - 1].endswith("\r"):
            first -= 1  # a line feed put behind it would belong to its line ending
            before = self._lines[first] + before
        changed = _split(before + new + after)
        if last + 1 < len(self._lines):
            changed.pop()  # what follows the ending of `after` is there already
        self._lines[first : last + 1] = changed

    def _place(self, position: types.Position, encoding: str) -> tuple[int, int]:
        """The line of a client's position, and the index in it."""
        if position.line >= len(self._lines):
            return len(self._lines) - 1, len(self._lines[-1])
        line = self._lines[position.line].rstrip("\r\n")
        return position.line, _column_index(line, position.character, encoding)


def _split(text: str) -> list[str]:
    """The lines of `text` with their endings; the last, perhaps empty, has none."""
    lines = list(io.StringIO(text, newline=""))
    if not lines or lines[-1].endswith(("\r", "\n")):
        lines.append("")
    return lines


def _column_index(line: str, character: int, encoding: str) -> int:
    """Where in `line` a client's column is; inside a character means its start."""
    if line.isascii() or encoding == types.PositionEncodingKind.Utf32:
        return min(character, len(line))
    codec, size = ("utf-16-le", 2)
    if encoding == types.PositionEncodingKind.Utf8:
        codec, size = ("utf-8", 1)
    # No character takes less than one unit, so those beyond `character` cannot matter.
    units = line[:character].encode(codec, "replace")
    return len(units[: character * size].decode(codec, "ignore"))
