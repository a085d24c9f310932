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
    room = HEADER_CHARS - sum(map(len, lines))
    docs = {doc.end_byte for doc in definition.docs}  # alone or in a statement (`@moduledoc`)
    for child in _parts(body, members):
        if child.start_byte < definition.open:
            continue
        if child.start_byte >= definition.end:
            break
        extent = (child.start_byte, child.end_byte)
        line, whole = _member_line(child, members, source)
        room -= len(line)
        if room < 0:
            break
        lines += _indented(line) if child.end_byte not in docs else []
        spoken += [extent] if whole else []
    return "\n".join(line for line in lines if line.strip()), spoken


def _parts(body: Node, members: Mapping[int, str]) -> Iterator[Node]:
    """A body's children; of one that is long and holds members (`class << self`), its own."""
    for child in body.children:
        long = child.end_byte - child.start_byte > FIELD_BYTES
        if long and child.id not in members and _holds(child, members):
            yield from _parts(child, members)
        else:
            yield child


def _holds(node: Node, members: Mapping[int, str]) -> bool:
    within = itertools.chain(node.children, *(child.children for child in node.children))
    return any(part.id in members for part in within)


def _member_line(child: Node, members: Mapping[int, str], source: SourceText) -> tuple[str, bool]:
    """What the header says of one member, and whether that is all of it."""
    if child.id in members:
        return members[child.id], False
    shared = [members[part.id] for part in child.children if part.id in members]
    if shared:
        return "\n".join(shared), False
    if not child.is_named:
        return "", True  # `do`, `end`, brackets
    if child.end_byte - child.start_byte <= FIELD_BYTES:
        text = source.of(child)
        return (text if re.search(r"\w", text) else ""), True
    return source.read(child.start_byte, child.start_byte + FIELD_BYTES).split("\n", 1)[0], False


def _indented(text: str) -> list[str]:
    return ["    " + line.strip() for line in text.splitlines()]
