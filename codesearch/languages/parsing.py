"""`parse`: any bytes to units. It never raises; what cannot be read as code is read as text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codesearch.languages.detect import TEXT, language_of
from codesearch.languages.registry import LANGUAGES
from codesearch.languages.skips import skip_reason, to_utf8
from codesearch.languages.spans import Lines
from codesearch.languages.windows import WindowMaker
from codesearch.types import ParsedFile, Problem, Unit

if TYPE_CHECKING:
    from tree_sitter import Tree

_MAX_LOOSE_NODES = 20_000  # in an error at the root: a query needs the square of it in time
_HEAD_BYTES = 65_536  # enough to tell a C++ header from a C one


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """What one file may cost."""

    max_file_bytes: int = 1_000_000
    seconds: float = 5.0  # parsing and extraction together; then the file is read as text
    window_lines: int = 60


def parse(path: str, source: bytes, limits: ParseLimits = ParseLimits()) -> ParsedFile:
    """The units of one file, by position, or the reason why it has none.

    Spans are byte offsets in `source`; of UTF-16 text, in its UTF-8 form. Never raises.
    """
    language = language_of(path, source[:_HEAD_BYTES])
    reason = skip_reason(path, source, limits.max_file_bytes)
    if reason is not None:
        return ParsedFile(path, language, skipped=reason)
    return _parse(path, to_utf8(source), language, limits)


def parse_snippet(text: str, language: str | None) -> ParsedFile:
    """The units of a piece of code that is no file; nothing is passed over but blank text.

    An unknown or missing language is read as text. Never raises.
    """
    known = language if language in LANGUAGES else TEXT
    source = text.encode("utf-8", errors="replace")
    return _parse("", source, known or TEXT, ParseLimits())


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
    # Here, so that a server that only asks for a language never loads tree-sitter.
    from codesearch.languages.extract import extract
    from codesearch.languages.grammar import grammar
    from codesearch.languages.repair import is_better
    from codesearch.languages.syntax import Deadline, NoStructureError, parse_tree

    deadline = Deadline(limits.seconds)
    info = LANGUAGES[maker.language]
    language = grammar(maker.language)

    def read(source: bytes) -> Tree:
        return parse_tree(_blanked(source, info.blanked), language, deadline)

    tree = read(maker.lines.data)
    if tree.root_node.is_error and tree.root_node.child_count > _MAX_LOOSE_NODES:
        raise NoStructureError
    extracted = extract(maker.path, tree, maker.lines, info, deadline)
    problems = extracted.problems
    second = _second_reading(tree, read, maker.lines.data, info.opening.encode())
    if second is not None:
        again = extract(maker.path, second, maker.lines, info, Deadline(limits.seconds))
        if is_better(tree, len(extracted.units), second, len(again.units)):
            tree, extracted = second, again
    top_level = [child.start_point.row for child in tree.root_node.children]
    units = extracted.units + maker.windows(extracted.covered, top_level)
    units.sort(key=lambda unit: (unit.span.start_byte, -unit.span.end_byte, unit.kind))
    return units, problems


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
    from codesearch.languages.syntax import OutOfTimeError

    try:
        return repaired(read, source, opening) if tree.root_node.has_error else None
    except OutOfTimeError:
        return None  # the first reading is better than none


def _reason(error: Exception, limits: ParseLimits) -> str:
    from codesearch.languages.syntax import NoStructureError, OutOfTimeError

    if isinstance(error, OutOfTimeError):
        return f"not parsed within {limits.seconds:g} s"
    if isinstance(error, NoStructureError):
        return "no structure can be read"
    return f"{type(error).__name__}: {error}"
