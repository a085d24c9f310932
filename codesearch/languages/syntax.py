"""Running tree-sitter without holding the GIL for long, and within a time limit.

`Parser.parse(bytes)` holds the GIL until it is done. A read callback that hands out small
slices lets other threads in at every call, and only with one can a parse be cancelled. Queries
have no such way (their progress callback crashes in tree-sitter 0.26.1), so they run over one
byte range after another.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from tree_sitter import Language, Node, Parser, Point, Query, QueryCursor, Tree

SLICE_BYTES = 4096  # about 0.4 ms of parsing
QUERY_BYTES = 65_536  # a few ms of matching; each range walks the root's children anew
MATCH_LIMIT = 65_536  # unfinished matches held at once; pathological files exceed it

Captures = dict[str, list[Node]]


class OutOfTimeError(Exception):
    """A file took longer than its limit; it is indexed as text instead."""


class NoStructureError(Exception):
    """The grammar makes nothing of a file; it is indexed as text instead."""


class Deadline:
    """A moment on the monotonic clock, shared by all steps of one file."""

    __slots__ = ("_end",)

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def passed(self) -> bool:
        return time.monotonic() >= self._end

    def check(self) -> None:
        """Raise OutOfTimeError once the moment has passed."""
        if self.passed:
            raise OutOfTimeError


class SliceReader:
    """Hands a source to the parser in small pieces."""

    __slots__ = ("_source",)

    def __init__(self, source: bytes) -> None:
        self._source = source

    def __call__(self, offset: int, _point: Point) -> bytes:
        return self._source[offset : offset + SLICE_BYTES]


def parse_tree(
    source: bytes,
    language: Language,
    deadline: Deadline,
    reader: type[SliceReader] = SliceReader,
) -> Tree:
    """The syntax tree of UTF-8 `source`; raises OutOfTimeError."""
    deadline.check()
    parser = Parser(language)
    try:
        return parser.parse(
            reader(source), progress_callback=lambda _offset, _error: deadline.passed
        )
    except ValueError as error:  # the only way tree-sitter reports a cancelled parse
        raise OutOfTimeError from error


def matches(query: Query, root: Node, deadline: Deadline) -> Iterator[tuple[int, Captures]]:
    """Pairs of pattern index and captures; a match across two ranges may come twice."""
    cursor = QueryCursor(query, match_limit=MATCH_LIMIT)
    for start in range(root.start_byte, root.end_byte, QUERY_BYTES):
        deadline.check()
        cursor.set_byte_range(start, start + QUERY_BYTES)
        yield from cursor.matches(root)
