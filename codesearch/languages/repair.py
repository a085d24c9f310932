"""A second reading of files that the grammar could not follow.

One line of syntax that a grammar does not know, or that is half typed, can cost every definition
around it: the parser gives up on the whole class, sometimes on the whole file. Indentation still
tells where things begin. So blocks are parsed on their own, the innermost that fail have their
inside replaced by spaces, and the file is parsed again. No byte moves, so positions and texts
are those of the original.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tree_sitter import Node, Tree

Parse = Callable[[bytes], Tree]

_WORTH_LINES = 5  # an error that spans fewer lines costs no neighbours
_MAX_DEPTH = 4  # classes in classes; below, a block is blanked as a whole
_SMALL_BLOCK = 80  # lines of a top-level block that may be blanked although its parts are clean
_CLOSING = re.compile(rb"\s*(?:[})\]]|end\b)")
_KEPT = 0.75  # share of the units that a reading without errors has to keep
_CLOSERS = {b"{": b"}", b"(": b")", b"[": b"]"}


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines `start` to `end` (exclusive) of a file; its inside is `first` to `last`."""

    start: int
    end: int
    first: int
    last: int


def is_better(first: Tree, first_units: int, second: Tree, second_units: int) -> bool:
    """Whether a second reading is worth more than the first, by the units that they gave.

    Without errors, names and nesting are right. Where errors of the first may have cost that,
    it is worth a few units in the blocks that were blanked.
    """
    if second.root_node.has_error:
        return second_units > first_units
    return second_units >= (_KEPT if any(_costly_errors(first.root_node)) else 1.0) * first_units


def repaired(parse: Parse, source: bytes, opening: bytes = b"") -> Tree:
    """The tree of `source` with unreadable blocks blanked. `parse` may raise to stop the work.

    `opening` is what a block needs before it to be read as code (`<?php`).
    """
    return _Repair(parse, source.split(b"\n"), opening).run()


def _costly_errors(root: Node) -> Iterator[Node]:
    """Errors that span lines, and blocks whose closing bracket is missing."""
    waiting = [root] if root.has_error else []
    while waiting:
        node = waiting.pop()
        is_wide = node.end_point.row - node.start_point.row >= _WORTH_LINES
        if is_wide and (node.is_error or any(child.is_missing for child in node.children)):
            yield node
        else:
            waiting.extend(child for child in node.children if child.has_error)


class _Repair:
    def __init__(self, parse: Parse, lines: list[bytes], opening: bytes) -> None:
        self._parse = parse
        self._opening = opening
        self._lines = lines
        self._kept = list(lines)  # the lines as they will be read again

    def run(self) -> Tree:
        self._visit(0, len(self._lines), 0)
        return self._parse(b"\n".join(self._kept))

    def _visit(self, start: int, end: int, depth: int) -> None:
        for block in _blocks(self._lines, start, end):
            if block.last > block.first and not self._is_clean(self._lines, block):
                self._blank_inside(block, depth)

    def _blank_inside(self, block: _Block, depth: int) -> None:
        """Blank the parts of `block` that fail, or all of its inside when that is not enough."""
        parts = sum(1 for _ in _blocks(self._lines, block.first, block.last))
        if depth < _MAX_DEPTH and parts > 1:
            self._visit(block.first, block.last, depth + 1)
            is_large = depth == 0 and block.last - block.first >= _SMALL_BLOCK
            if is_large or self._is_clean(self._kept, block):
                return
        for number in range(block.first, block.last):
            self._kept[number] = b" " * len(self._lines[number])
        if block.last == block.end:
            self._close(block)

    def _close(self, block: _Block) -> None:
        """Give a block that is never closed its bracket or `end`, in the space that was blanked."""
        last = block.last - 1
        length = len(self._lines[last])
        bracket = _CLOSERS.get(self._lines[block.first - 1].rstrip()[-1:], b"end")
        for closer in (b"", bracket):
            if len(closer) <= length:
                self._kept[last] = closer.rjust(length)
                if self._is_clean(self._kept, block):
                    return

    def _is_clean(self, lines: list[bytes], block: _Block) -> bool:
        text = b"\n".join(lines[block.start : block.end])
        if not text.lstrip().startswith(self._opening):
            text = self._opening + b"\n" + text
        return not self._parse(text).root_node.has_error


def _blocks(lines: list[bytes], start: int, end: int) -> Iterator[_Block]:
    """What begins after a blank line at the least indentation of the lines `start` to `end`."""
    filled = [number for number in range(start, end) if lines[number].strip()]
    if not filled:
        return
    level = min(_indentation(lines[number]) for number in filled)
    starts = [
        number
        for number in filled
        if _indentation(lines[number]) == level
        and not _is_closing(lines[number])
        and (number == start or not lines[number - 1].strip())
    ]
    for begin, limit in itertools.pairwise([*starts, end]):
        yield _block(lines, begin, limit, level)


def _block(lines: list[bytes], start: int, end: int, level: int) -> _Block:
    while not lines[end - 1].strip():
        end -= 1
    outer = [n for n in range(start, end) if lines[n].strip() and _indentation(lines[n]) == level]
    last = end
    if len(outer) > 1 and _is_closing(lines[outer[-1]]):
        last = outer.pop()
    return _Block(start, end, outer[-1] + 1, last)


def _indentation(line: bytes) -> int:
    return len(line) - len(line.lstrip())


def _is_closing(line: bytes) -> bool:
    return _CLOSING.match(line) is not None
