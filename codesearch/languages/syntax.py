"""Running tree-sitter without holding the GIL for long, and within a time limit.

`Parser.parse(bytes)` holds the GIL until it is done. A read callback that hands out small
slices lets other threads in at every call, and only with one can a parse be cancelled. Queries
have no such way (their progress callback crashes in tree-sitter 0.26.1), so they run over one
byte range after another.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Sequence

import psutil
from tree_sitter import Language, Node, Parser, Point, Query, QueryCursor, Tree

SLICE_BYTES = 4096  # about 0.4 ms of parsing
QUERY_BYTES = 65_536  # a few ms of matching; each range walks the root's children anew
MATCH_LIMIT = 65_536  # unfinished matches held at once; pathological files exceed it
MEMORY_BYTES = 500 << 20  # for a file's trees: code takes up to a hundred times its size
_CALLS_A_LOOK = 4  # a look takes 15 µs; calls come after 0.1 ms of code, after 0.1 s of rubble

Captures = dict[str, list[Node]]


class OutOfTimeError(Exception):
    """A file took longer than its limit; it is indexed as text instead."""


class NoStructureError(Exception):
    """The grammar makes nothing of a file; it is indexed as text instead."""


class Appetite:
    """How much more memory this process has than when a file's turn came."""

    __slots__ = ("_calls", "_most", "_process")

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._most = self._process.memory_info().rss + MEMORY_BYTES
        self._calls = 0

    def too_much(self) -> bool:
        """Whether it is more than a file is worth; looked at now and then."""
        self._calls += 1
        return self._calls % _CALLS_A_LOOK == 0 and self._process.memory_info().rss > self._most


class Deadline:
    """A bound on what one file may cost this thread, shared by all steps, with its `appetite`.

    It counts the processor's time: a busy machine must not turn code into text.
    """

    __slots__ = ("_end", "appetite")

    def __init__(self, seconds: float) -> None:
        self._end = time.thread_time() + seconds
        self.appetite = Appetite()

    @property
    def passed(self) -> bool:
        return time.thread_time() >= self._end

    def check(self) -> None:
        """Raise OutOfTimeError once it is reached."""
        if self.passed:
            raise OutOfTimeError


class _Piece(threading.local):
    """A thread's buffer for what it reads."""

    def __init__(self) -> None:
        self.buffer = bytearray()


_piece = _Piece()


class SliceReader:
    """Hands a source to the parser in small pieces, all of them in one buffer.

    tree-sitter 0.26 never lets go of what it is given, but reads a piece only until it asks for
    the next. Pieces of their own stayed in memory: as much as the code that a process had read,
    and of rubble, which is read again and again, half a gigabyte a file. Once there is a tree, the
    predicates of queries read their texts through the same object, and take nothing but bytes.
    """

    __slots__ = ("_buffer", "_source", "parsed")

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._buffer = _piece.buffer
        self.parsed = False

    def __call__(self, offset: int, _point: Point) -> bytes | bytearray:
        piece = self._source[offset : offset + SLICE_BYTES]
        if self.parsed:
            return piece
        self._buffer[:] = piece
        return self._buffer


def parse_tree(
    source: bytes,
    language: Language,
    deadline: Deadline,
    reader: type[SliceReader] = SliceReader,
) -> Tree:
    """The syntax tree of UTF-8 `source`; OutOfTimeError, or NoStructureError for its memory."""
    deadline.check()
    parser = Parser(language)
    read = reader(source)
    try:
        tree = parser.parse(
            read,
            progress_callback=lambda _offset, _error: (
                deadline.passed or deadline.appetite.too_much()
            ),
        )
    except ValueError as error:  # the only way tree-sitter reports a cancelled parse
        raise (OutOfTimeError if deadline.passed else NoStructureError) from error
    read.parsed = True
    return tree


def matches(query: Query, root: Node, deadline: Deadline) -> Iterator[tuple[int, Captures]]:
    """Pairs of pattern index and captures; a match across two ranges may come twice."""
    cursor = QueryCursor(query, match_limit=MATCH_LIMIT)
    for start in range(root.start_byte, root.end_byte, QUERY_BYTES):
        deadline.check()
        cursor.set_byte_range(start, start + QUERY_BYTES)
        yield from cursor.matches(root, _holds)


def _holds(
    predicate: str,  # noqa: ARG001
    args: Sequence[tuple[str, str]],
    pattern_index: int,  # noqa: ARG001
    captures: Captures,
) -> bool:
    """`#like?`, a regular expression. tree-sitter's own crashes at bytes that are no UTF-8."""
    (capture, _), (expression, _) = args
    wanted = re.compile(expression.encode())
    return all(wanted.match(node.text or b"") for node in captures[capture])
