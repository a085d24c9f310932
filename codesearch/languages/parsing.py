"""`parse`: any bytes to units. It never raises; what cannot be read as code is read as text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codesearch.languages.detect import TEXT, language_of
from codesearch.languages.registry import LANGUAGES
from codesearch.languages.skips import skip_reason, to_utf8
from codesearch.languages.spans import Lines
from codesearch.languages.windows import WindowMaker
from codesearch.types import ParsedFile, Problem, Unit

if TYPE_CHECKING:
    from tree_sitter import Tree

    from codesearch.languages.extract import Extracted

_MAX_LOOSE_NODES = 20_000  # in an error at the root: a query needs the square of it in time
_HEAD_BYTES = 65_536  # enough to tell a C++ header from a C one


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """What one file may cost."""

    max_file_bytes: int = 1_000_000
    seconds: float = 5.0  # of a processor, for parsing and extraction; then: text
    window_lines: int = 60


DEFAULT_LIMITS = ParseLimits()


def parse(path: str, source: bytes, limits: ParseLimits = DEFAULT_LIMITS) -> ParsedFile:
    """The units of one file, by position, or the reason why it has none.

    Spans are byte offsets in `source`; of UTF-16 text, in its UTF-8 form. Never raises.
    """
    language = language_of(path, source[:_HEAD_BYTES])
    reason = skip_reason(path, source, limits.max_file_bytes)
    if reason is not None:
        return ParsedFile(path, language, skipped=reason)
    return _parse(path, to_utf8(source), language, limits)


def as_text(path: str, source: bytes, limits: ParseLimits) -> ParsedFile:
    """What `parse` would say of a file whose language has no grammar."""
    reason = skip_reason(path, source, limits.max_file_bytes)
    if reason is not None:
        return ParsedFile(path, TEXT, skipped=reason)
    return _parse(path, to_utf8(source), TEXT, limits)


def parse_snippet(text: str, language: str | None) -> ParsedFile:
    """The units of a piece of code that is no file; nothing is passed over but blank text.

    An unknown or missing language is read as text. Never raises.
    """
    known = language if language in LANGUAGES else TEXT
    source = text.encode("utf-8", errors="replace")
    return _parse("", source, known or TEXT, DEFAULT_LIMITS)


def documentation_ranges(
    path: str, source: bytes, limits: ParseLimits = DEFAULT_LIMITS
) -> dict[str, tuple[tuple[int, int], ...]]:
    """Where the documentation of each unit stands, by unit id: byte ranges like those of spans.

    For whoever measures how well units are found without it. Never raises.
    """
    language = language_of(path, source[:_HEAD_BYTES])
    if language == TEXT or skip_reason(path, source, limits.max_file_bytes) is not None:
        return {}
    try:
        _, extracted = _read_tree(path, Lines(to_utf8(source)), language, limits)
    except Exception:  # read as text: nothing in it has documentation
        return {}
    return {name: tuple(ranges) for name, ranges in extracted.documented.items() if ranges}


def _parse(path: str, source: bytes, language: str, limits: ParseLimits) -> ParsedFile:
    maker = WindowMaker(path, language, Lines(source), limits.window_lines)
    if language == TEXT:
        return ParsedFile(path, language, tuple(maker.windows()))
    try:
        units, problems = _read_code(maker, limits)
    except Exception as error:  # a grammar's fault must not cost the file
        units = maker.windows()
        problems = [Problem(f"read as text: {_reason(error, limits)}", 0)]
    return ParsedFile(path, language, tuple(units), tuple(problems))


def _read_code(maker: WindowMaker, limits: ParseLimits) -> tuple[list[Unit], list[Problem]]:
    tree, extracted = _read_tree(maker.path, maker.lines, maker.language, limits)
    top_level = [child.start_point.row for child in tree.root_node.children]
    units = extracted.units + maker.windows(extracted.covered, top_level)
    units.sort(key=lambda unit: (unit.span.start_byte, -unit.span.end_byte, unit.kind))
    return units, extracted.problems


def _read_tree(
    path: str, lines: Lines, language: str, limits: ParseLimits
) -> tuple[Tree, Extracted]:
    """The tree of code and what stands in it, by the better of two readings."""
    # Here, so that a server that only asks for a language never loads tree-sitter.
    from codesearch.languages.extract import extract
    from codesearch.languages.grammar import grammar
    from codesearch.languages.repair import is_better
    from codesearch.languages.syntax import Deadline, NoStructureError, parse_tree

    deadline = Deadline(limits.seconds)
    info = LANGUAGES[language]

    def read(source: bytes) -> Tree:
        return parse_tree(_blanked(source, info.blanked), grammar(language), deadline)

    tree = read(lines.data)
    if tree.root_node.is_error and tree.root_node.child_count > _MAX_LOOSE_NODES:
        raise NoStructureError
    extracted = extract(path, tree, lines, info, deadline)
    second = _second_reading(tree, read, lines.data, info.opening.encode())
    if second is not None:
        again = extract(path, second, lines, info, Deadline(limits.seconds))
        if is_better(tree, len(extracted.units), second, len(again.units)):
            return second, replace(again, problems=extracted.problems)
    return tree, extracted


def _blanked(source: bytes, pattern: str) -> bytes:
    """The source with what matches replaced by spaces, so that nothing moves."""
    if not pattern:
        return source
    spaces = re.compile(pattern.encode(), re.MULTILINE)
    return spaces.sub(lambda match: b" " * len(match.group()), source)


def _second_reading(
    tree: Tree, read: Callable[[bytes], Tree], source: bytes, opening: bytes
) -> Tree | None:
    """The tree without what the grammar could not follow, where that is worth it."""
    from codesearch.languages.repair import repaired
    from codesearch.languages.syntax import NoStructureError, OutOfTimeError

    try:
        return repaired(read, source, opening) if tree.root_node.has_error else None
    except (OutOfTimeError, NoStructureError):
        return None  # the first reading is better than none


def _reason(error: Exception, limits: ParseLimits) -> str:
    from codesearch.languages.syntax import NoStructureError, OutOfTimeError

    if isinstance(error, OutOfTimeError):
        return f"not parsed within {limits.seconds:g} s"
    if isinstance(error, NoStructureError):
        return "no structure can be read"
    return f"{type(error).__name__}: {error}"
