"""Where "find similar" starts from: a place in a file, a selection or a snippet.

The place is read from the file as it is now (or from its buffer) and parsed, so that it is
right even where the index lags behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from codesearch.errors import UsageError
from codesearch.languages import LANGUAGES, language_of, parse_snippet
from codesearch.search.snippets import Texts
from codesearch.types import Kind, Span, Target, Unit

# Characters of a selection or snippet. Whoever compares more compares whole files, and would wait
# for all of it to be encoded.
_MAX_CHARS = 64 * 1024


_FUNCTIONS = frozenset({Kind.FUNCTION, Kind.METHOD, Kind.CONSTRUCTOR})
_TEXT = "text"
Parse = Callable[[str, bytes], Sequence[Unit]]


@dataclass(frozen=True, slots=True)
class Origin:
    """What others are compared with. `path` and `span` are None for a snippet from nowhere."""

    units: tuple[Unit, ...]
    text: str
    path: str | None = None
    span: Span | None = None

    @property
    def name(self) -> str:
        """The name of what is compared, if it is one named unit; else empty."""
        only = self.units[0] if len(self.units) == 1 else None
        return "" if only is None or only.kind is Kind.WINDOW else only.name

    def is_comparable(self, language: str) -> bool:
        """Whether code of `language` can have the same shape. Plain text is compared with all."""
        own = _family(self.units[0].language) if self.units else _TEXT
        return _TEXT in (own, language) or _family(language) == own

    def covers(self, path: str, span: Span) -> bool:
        """Whether something overlaps the origin in its own file."""
        return path == self.path and self.span is not None and span.overlaps(self.span)


def origin_of(target: Target, texts: Texts, parse: Parse) -> Origin:
    """Where `target` points; `parse` gives the units of a file by its path and text.

    A range within one line is a position: editors send the cursor so.

    Raises:
        UsageError: there is nothing at that place, too much of it, or it cannot be read.
    """
    if target.path is None:
        return _snippet(target.text or "", target.language)
    source = texts.whole(target.path)
    if source is None and target.text is None:
        raise UsageError(f"{target.path} cannot be read", "Give a file inside the folder.")
    last = target.start_line if target.end_line is None else target.end_line
    if target.text is not None or last > target.start_line:
        return _selection(target, source or b"", last, parse)
    units = parse(target.path, source or b"")
    unit = unit_at(units, source or b"", target.start_line, target.column)
    if unit is None:
        raise UsageError(f"{target.path} has no code to compare", "Select some lines of it.")
    return Origin((unit,), texts.of_span(target.path, unit.span), target.path, unit.span)


def unit_at(
    units: Iterable[Unit], source: bytes, line: int, column: int | None = None
) -> Unit | None:
    """The smallest named unit at a place in `source`; else the window there, or what is nearest.

    `column` is a byte offset in the line; without one, all of the line is the place. So is it
    where no named unit holds that byte.
    """
    byte = None if column is None else _byte_at(source, line, column)

    def order(unit: Unit) -> tuple[int, bool, bool, int]:
        span = unit.span
        away = max(span.start_line - line, line - span.end_line, 0)
        is_window = unit.kind is Kind.WINDOW
        holds = byte is not None and span.start_byte <= byte < span.end_byte
        return away, is_window or not holds, is_window, span.end_byte - span.start_byte

    return min(units, key=order, default=None)


def _snippet(text: str, language: str | None) -> Origin:
    if not text.strip():
        raise UsageError("there is no code to compare", "Give a snippet or a place in a file.")
    if len(text) > _MAX_CHARS:
        raise UsageError(
            f"{len(text):,} characters are too many to compare; the most is {_MAX_CHARS:,}",
            "Give a function or a class rather than a whole file.",
        )
    return Origin(_told_apart(parse_snippet(text, language).units), text)


def _selection(target: Target, source: bytes, last: int, parse: Parse) -> Origin:
    """Selected lines: the unit that is exactly these lines, or else their text as a snippet."""
    assert target.path is not None
    span = _lines(source, target.start_line, last)
    text = target.text
    if text is None:
        text = source[span.start_byte : span.end_byte].decode("utf-8", errors="replace")
        for unit in parse(target.path, source):
            if (unit.span.start_line, unit.span.end_line) == (target.start_line, last):
                return Origin((unit,), text, target.path, unit.span)
    language = target.language or language_of(target.path)
    snippet = _snippet(text, language)
    return Origin(snippet.units, text, target.path, span)


def _told_apart(units: Sequence[Unit]) -> tuple[Unit, ...]:
    """The named units of a snippet, or its windows if it has no other.

    What is defined inside a function is a part of it and does not stand for the whole.
    """
    named = [unit for unit in units if unit.kind is not Kind.WINDOW]
    kept = [unit for unit in named if not any(_holds(outer, unit) for outer in named)]
    return tuple(kept) or tuple(units)


def _holds(outer: Unit, unit: Unit) -> bool:
    """Whether the body of a function has `unit` in it. A type's body is only its header."""
    if outer.kind not in _FUNCTIONS or outer.id == unit.id:
        return False
    starts_in = outer.span.start_byte <= unit.span.start_byte
    return starts_in and unit.span.end_byte <= outer.span.end_byte


def _byte_at(source: bytes, line: int, column: int) -> int | None:
    """The offset of a column, moved to the line's code if it is in the blanks around it."""
    lines = source.split(b"\n")
    if line >= len(lines):
        return None
    text = lines[line]
    first, last = len(text) - len(text.lstrip()), len(text.rstrip()) - 1
    return sum(len(before) + 1 for before in lines[:line]) + max(first, min(column, last))


def _lines(source: bytes, first: int, last: int) -> Span:
    """The bytes of lines `first` to `last` (inclusive), without the last line's end."""
    lines = source.split(b"\n")
    start = sum(len(line) + 1 for line in lines[:first])
    size = sum(len(line) + 1 for line in lines[first : last + 1])
    end = min(start + max(0, size - 1), len(source))
    return Span(start, end, first, last)


def _family(language: str) -> str:
    known = LANGUAGES.get(language)
    return known.family or known.name if known else _TEXT
