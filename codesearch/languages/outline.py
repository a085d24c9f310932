"""Signatures, and the headers that stand for types: their fields and their members' signatures."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping

from tree_sitter import Node

from codesearch.languages.definitions import Definition
from codesearch.languages.registry import LanguageInfo

SIGNATURE_CHARS = 300
HEADER_CHARS = 2_400  # about 700 tokens: more would only dilute the type's meaning
FIELD_BYTES = 400  # a longer member is told by its first line
_MAX_NODES = 400  # looked at for one signature
_MAX_DEPTH = 8  # parts in parts of a header

Range = tuple[int, int]


class SourceText:
    """A file's bytes, read as text in pieces."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, start: int, end: int) -> str:
        """Text of a byte range; bytes that are no UTF-8 become U+FFFD."""
        return self.data[start:end].decode("utf-8", errors="replace").lstrip("\ufeff")

    def of(self, node: Node) -> str:
        """Text of a node."""
        return self.read(node.start_byte, node.end_byte)


def signature(definition: Definition, info: LanguageInfo, source: SourceText) -> str:
    """The declaration on one line, without attributes, comments and body."""
    at, end = (definition.shared or definition.outer).start_byte, definition.open
    pieces = []
    for cut_start, cut_end in _cuts(definition.outer, end, info):
        pieces.append(source.read(at, max(at, cut_start)))
        at = max(at, cut_end)
    pieces.append(source.read(at, max(at, end)))
    return _one_line(" ".join(pieces), info.signature_ends)


def _cuts(outer: Node, end: int, info: LanguageInfo) -> list[Range]:
    """Ranges of comments and attributes before `end`, in order."""
    skipped = {*info.comments, *info.attributes}
    cuts: list[Range] = []
    waiting = [outer]
    for _ in range(_MAX_NODES):
        if not waiting:
            break
        for child in waiting.pop().children:
            if child.start_byte >= end:
                break
            if child.is_named and child.type in skipped:
                cuts.append((child.start_byte, child.end_byte))
            elif child.child_count:
                waiting.append(child)
    return sorted(cuts)


def _one_line(text: str, ends: tuple[str, ...]) -> str:
    line = " ".join(text[: 8 * SIGNATURE_CHARS].split())
    line = re.sub(r"(?<=[(\[]) | (?=[)\],;])", "", line)
    line = re.sub(r",(?=[)\]])", "", line)
    for _ in ends:
        for mark in (*ends, ","):
            in_word = mark.isalpha() and not line.endswith(" " + mark)
            if not in_word and not line.endswith("operator" + mark):
                line = line.removesuffix(mark).rstrip()
    return line if len(line) <= SIGNATURE_CHARS else line[: SIGNATURE_CHARS - 1].rstrip() + "…"


def header(
    definition: Definition,
    declaration: str,
    documentation: str,
    members: Mapping[int, str],
    source: SourceText,
) -> tuple[str, list[Range]]:
    """A type's header, and the byte ranges of the file that it speaks for.

    `members` gives the signatures of the units in the type, by id of their outermost node.
    """
    body = definition.body
    if body is None:
        end = min(definition.end, definition.start + HEADER_CHARS)
        return source.read(definition.start, end), [(definition.start, end)]
    lines = [declaration, *_indented(documentation)]
    spoken = [(definition.start, definition.open), (body.end_byte, definition.end)]
    spoken += [(c.start_byte, c.end_byte) for c in body.children if not c.is_named]  # `end`, `}`
    room = HEADER_CHARS - sum(map(len, lines))
    docs = {doc.end_byte for doc in definition.docs}  # alone or in a statement (`@moduledoc`)
    for line, (start, end), whole in _lines(body, members, source):
        if start < definition.open:
            continue
        room -= len(line) + 5  # indentation and line end
        if room < 0 or start >= definition.end:
            break
        lines += _indented(line) if end not in docs else []
        spoken += [(start, end)] if whole else []
    return "\n".join(line for line in lines if line.strip()), spoken


def _lines(
    body: Node, members: Mapping[int, str], source: SourceText, told: int = -1, depth: int = 0
) -> Iterator[tuple[str, Range, bool]]:
    """What the header says of each part of a body, where it stands, and whether that is all of it.

    Of a part that holds members itself (`class << self`, a companion) that is its first line and
    its own parts. Row `told` has been said.
    """
    for child in body.children:
        row, extent = child.start_point.row, (child.start_byte, child.end_byte)
        within = child.id not in members and depth < _MAX_DEPTH
        first = _first_member(child, members) if within else None
        if first is not None:
            if row != told:
                yield _opening(child, first, source)
            yield from _lines(child, members, source, row, depth + 1)
        elif child.id in members:
            yield members[child.id], extent, False
        elif row != told:
            yield _field(child, source, extent)


def _first_member(node: Node, members: Mapping[int, str]) -> Node | None:
    """The first member among the children of `node` and theirs."""
    within = itertools.chain.from_iterable((child, *child.children) for child in node.children)
    return next((part for part in within if part.id in members), None)


def _opening(part: Node, first: Node, source: SourceText) -> tuple[str, Range, bool]:
    line = source.data.find(b"\n", part.start_byte, first.start_byte)
    if line < 0:
        return "", (part.start_byte, first.start_byte), True  # `private def …`: a mere prefix
    return _words(source.read(part.start_byte, line)), (part.start_byte, line), True


def _field(node: Node, source: SourceText, extent: Range) -> tuple[str, Range, bool]:
    if not node.is_named:
        return "", extent, True  # `do`, `end`, brackets
    start, end = extent
    if end - start <= FIELD_BYTES:
        return _words(source.read(start, end)), extent, True
    return source.read(start, start + FIELD_BYTES).split("\n", 1)[0], extent, False


def _words(text: str) -> str:
    return text if re.search(r"\w", text) else ""


def _indented(text: str) -> list[str]:
    return ["    " + line.strip() for line in text.splitlines()]
