"""Windows: the lines that no named unit speaks for, in pieces of a size that can be encoded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from codesearch.languages.spans import Lines, content_hash
from codesearch.types import Kind, Unit

WINDOW_BYTES = 2_500  # about 700 tokens
_HEADING = re.compile(rb"#{1,6}[ \t]+\S")
_FENCE = re.compile(rb"[ \t]*(?:```|~~~)")
_MARKDOWN = (".md", ".markdown", ".mdx", ".rst.md")
_WORD = re.compile(r"\w")
_WORD_BYTES = re.compile(rb"[\w\x80-\xff]+")  # any byte beyond ASCII may be of a letter
# Lines that only close what another line opened: `} // namespace a`, `#endif // GUARD`.
_CLOSING = re.compile(
    rb"\s*(?:[\])}]+[;,]?[ \t]*(?://|/\*)|#[ \t]*endif\b|#[ \t]*else[ \t]*(?://|/\*|\r?\n|$))"
)

_CLOSING_BYTES = 120  # of such a line, at most


@dataclass(frozen=True, slots=True)
class Borders:
    """Rows at which a window had best begin."""

    strong: frozenset[int]
    headings: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class WindowMaker:
    """Cuts windows out of one file."""

    path: str
    language: str
    lines: Lines
    max_lines: int = 60

    def windows(
        self, covered: Iterable[tuple[int, int]] = (), top_level: Iterable[int] = ()
    ) -> list[Unit]:
        """Units of all lines with a word in them that no `covered` byte range speaks for.

        `top_level` are the rows at which top-level nodes start, where a window had best begin.
        """
        borders = _borders(self.path, self.lines, top_level)
        return [
            unit
            for region in _regions(_open_rows(self.lines, covered), self.lines, borders)
            for first, last in _split(region, self.lines, borders, self.max_lines)
            for unit in self._units(first, last, borders)
        ]

    def _units(self, first: int, last: int, borders: Borders) -> Iterator[Unit]:
        start, end = self.lines.starts[first], self.lines.end(last)
        name = self.path.rsplit("/", 1)[-1]
        if first in borders.headings:
            heading = self.lines.data[start : self.lines.end(first)].decode("utf-8", "replace")
            name = heading.strip().strip("#").strip() or name
        for piece_start, piece_end in _byte_pieces(self.lines.data, start, end):
            unit = self._unit(name, piece_start, piece_end)
            if unit is not None:
                yield unit

    def _unit(self, name: str, start: int, end: int) -> Unit | None:
        lines = self.lines
        body = lines.data[start:end].decode("utf-8", "replace").removeprefix("\ufeff").rstrip()
        if not _WORD.search(body):
            return None
        span = lines.span(start, end)
        return Unit(
            path=self.path,
            language=self.language,
            kind=Kind.WINDOW,
            name=name,
            qualified_name=self.path,
            signature="",
            documentation="",
            body=body,
            span=span,
            name_span=lines.span(start, min(end, lines.end(span.start_line))),
            content_hash=content_hash(self.language, Kind.WINDOW, body),
        )


def _open_rows(lines: Lines, covered: Iterable[tuple[int, int]]) -> list[int]:
    """Rows that say something which no range covers."""
    mask = bytearray(lines.data)
    for start, end in covered:
        mask[start:end] = b" " * len(mask[start:end])
    rows: list[int] = []
    at = 0
    while (word := _WORD_BYTES.search(mask, at)) is not None:
        row = lines.row(word.start())
        at = lines.end(row)
        whole = mask.startswith(lines.data[lines.starts[row] : at], lines.starts[row])
        # One word beside a unit on the same line is only `type (` or `} else`.
        if whole or _WORD_BYTES.search(mask, word.end(), at):
            rows.append(row)
    return rows


def _borders(path: str, lines: Lines, top_level: Iterable[int]) -> Borders:
    if not path.lower().endswith(_MARKDOWN):
        return Borders(frozenset(top_level))
    headings, fenced = set(), False
    for row, start in enumerate(lines.starts):
        line = lines.data[start : lines.end(row)]
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced and _HEADING.match(line):
            headings.add(row)
    return Borders(frozenset(headings), frozenset(headings))


def _regions(rows: Sequence[int], lines: Lines, borders: Borders) -> list[tuple[int, int]]:
    """Runs of open rows, first and last; rows without words do not part them, headings do."""
    regions: list[tuple[int, int]] = []
    for row in rows:
        if regions and row not in borders.headings and _only_silence(lines, regions[-1][1], row):
            regions[-1] = (regions[-1][0], row)
        else:
            regions.append((row, row))
    return [
        (first, _with_closing(lines, last))
        for first, last in regions
        if not all(_only_closes(lines, row) for row in range(first, last + 1))
    ]


def _only_closes(lines: Lines, row: int) -> bool:
    """Whether a row says nothing but what another one opened; what is long says more."""
    start = lines.starts[row]
    return lines.end(row) - start <= _CLOSING_BYTES and bool(_CLOSING.match(lines.data, start))


def _with_closing(lines: Lines, last: int) -> int:
    """Closing brackets and the like belong to the lines before them."""
    while last + 1 < len(lines.starts):
        line = lines.data[lines.starts[last + 1] : lines.end(last + 1)]
        if not line.strip() or _WORD_BYTES.search(line):
            break
        last += 1
    return last


def _only_silence(lines: Lines, before: int, row: int) -> bool:
    if row == before + 1:
        return True
    between = lines.data[lines.end(before) : lines.starts[row]]
    return not _WORD.search(between.decode("utf-8", errors="replace"))


def _split(
    region: tuple[int, int], lines: Lines, borders: Borders, max_lines: int
) -> list[tuple[int, int]]:
    """Row ranges, last inclusive, within the limits; cut where it hurts least."""
    start, last = region
    parts: list[tuple[int, int]] = []
    while start <= last:
        stop = _furthest(start, last, lines, max_lines)
        if stop < last:
            stop = _best_cut(start, stop, lines, borders)
        parts.append((start, stop))
        start = stop + 1
    return parts


def _furthest(start: int, last: int, lines: Lines, max_lines: int) -> int:
    stop = start
    while (
        stop < last
        and stop + 1 - start < max_lines
        and lines.end(stop + 1) - lines.starts[start] <= WINDOW_BYTES
    ):
        stop += 1
    return stop


def _best_cut(start: int, stop: int, lines: Lines, borders: Borders) -> int:
    """The last row of a window that may reach to `stop`: before a border in its later half."""
    candidates = range(stop + 1, start + (stop - start) // 2, -1)
    for row in candidates:
        if row in borders.strong:
            return row - 1
    for row in candidates:
        if not lines.data[lines.starts[row - 1] : lines.end(row - 1)].strip() and row - 1 > start:
            return row - 1
    return stop


def _byte_pieces(data: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """A line longer than a window in parts, cut at blanks where there are any."""
    pieces: list[tuple[int, int]] = []
    while end - start > 2 * WINDOW_BYTES:
        cut = data.rfind(b" ", start + WINDOW_BYTES // 2, start + WINDOW_BYTES)
        cut = start + WINDOW_BYTES if cut < 0 else cut + 1
        while data[cut] & 0xC0 == 0x80 and cut < end - 1:  # inside a UTF-8 character
            cut += 1
        pieces.append((start, cut))
        start = cut
    return [*pieces, (start, end)]
