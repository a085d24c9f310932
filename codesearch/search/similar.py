"""What resembles a place in a file, a selection or a snippet.

The place is read from the file as it is now (or from its buffer) and parsed, so that it is
right even where the index lags behind; its vectors come from the index while the unit there is
unchanged, and are made from the unit's text otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codesearch.errors import UsageError
from codesearch.languages import ParseLimits, language_of, parse, parse_snippet
from codesearch.search import recall
from codesearch.search.fusion import Candidate
from codesearch.search.places import WINDOW_SHARE
from codesearch.search.reader import Reader
from codesearch.search.snippets import Texts
from codesearch.search.understand import search_words
from codesearch.store import Filters, Found
from codesearch.types import Kind, Span, Target, Unit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# A copy, white space aside, is as similar as can be: above every cosine (at most 1).
COPY = 1.0
# Vectors a search starts from: a long selection has many units, and each vector is a query.
_MAX_VECTORS = 8
# Candidates whose text is compared with the origin's, best first; a copy is always near the top.
_COMPARED = 50


@dataclass(frozen=True, slots=True)
class Origin:
    """What others are compared with. `path` and `span` are None for a snippet from nowhere."""

    units: tuple[Unit, ...]
    text: str
    path: str | None = None
    span: Span | None = None

    def covers(self, path: str, span: Span) -> bool:
        """Whether something overlaps the origin in its own file."""
        return path == self.path and self.span is not None and span.overlaps(self.span)


def origin_of(target: Target, texts: Texts, limits: ParseLimits) -> Origin:
    """Where `target` points.

    A range within one line is a position: editors send the cursor so.

    Raises:
        UsageError: there is nothing at that place, or it cannot be read.
    """
    if target.path is None:
        return _snippet(target.text or "", target.language)
    source = texts.whole(target.path)
    if source is None and target.text is None:
        raise UsageError(f"{target.path} cannot be read", "Give a file inside the folder.")
    last = target.start_line if target.end_line is None else target.end_line
    if target.text is not None or last > target.start_line:
        return _selection(target, source or b"", last, limits)
    units = _units_in(target.path, source or b"", limits)
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


def candidates(
    origin: Origin,
    index: Reader,
    vectors: Sequence[NDArray[np.float32]],
    limit: int,
    where: Filters,
) -> list[Candidate]:
    """What resembles `origin`, best first, by vectors or, without any, by words.

    The score starts as the cosine, or as the share of the best unit's BM25.
    """
    depth = recall.depth(limit)
    view = recall.by_vectors(index, vectors[:_MAX_VECTORS], depth, where)
    if not view.found:
        words = search_words(origin.text)
        view = _relative(recall.by_words(index, words, depth, where))
    others = (one for one in view.found if not origin.covers(one.unit.path, one.unit.span))
    return [_candidate(one, view.name) for one in others]


def with_copies_first(found: list[Candidate], origin: Origin, texts: Texts) -> list[Candidate]:
    """`found` with exact copies of the origin, white space aside, before everything else."""
    wanted = _folded(origin.text)
    for candidate in found[:_COMPARED]:
        unit = candidate.unit
        if _folded(texts.of_span(unit.path, unit.span)) == wanted:
            candidate.parts["copy"] = COPY
    return sorted(found, key=lambda candidate: -candidate.score)


def _candidate(found: Found, view: str) -> Candidate:
    candidate = Candidate(found.unit, {view: found.score}, (view,))
    if found.unit.kind is Kind.WINDOW:
        candidate.parts["window"] = -WINDOW_SHARE * abs(found.score)
    return candidate


def _relative(view: recall.View) -> recall.View:
    best = max((one.score for one in view.found), default=1.0) or 1.0
    return recall.View(view.name, tuple(Found(one.unit, one.score / best) for one in view.found))


def _snippet(text: str, language: str | None) -> Origin:
    if not text.strip():
        raise UsageError("there is no code to compare", "Give a snippet or a place in a file.")
    return Origin(_named_first(parse_snippet(text, language).units), text)


def _selection(target: Target, source: bytes, last: int, limits: ParseLimits) -> Origin:
    """Selected lines: the unit that is exactly these lines, or else their text as a snippet."""
    assert target.path is not None
    span = _lines(source, target.start_line, last)
    text = target.text
    if text is None:
        text = source[span.start_byte : span.end_byte].decode("utf-8", errors="replace")
        for unit in _units_in(target.path, source, limits):
            if (unit.span.start_line, unit.span.end_line) == (target.start_line, last):
                return Origin((unit,), text, target.path, unit.span)
    language = target.language or language_of(target.path)
    snippet = _snippet(text, language)
    return Origin(snippet.units, text, target.path, span)


def _units_in(path: str, source: bytes, limits: ParseLimits) -> tuple[Unit, ...]:
    return parse(path, source, limits).units


def _named_first(units: Sequence[Unit]) -> tuple[Unit, ...]:
    """The named units of a snippet, or its windows if it has no other."""
    named = tuple(unit for unit in units if unit.kind is not Kind.WINDOW)
    return named or tuple(units)


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


def _folded(text: str) -> str:
    return " ".join(text.split())
