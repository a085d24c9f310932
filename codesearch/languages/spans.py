"""Places in a file, and the hash of what an encoder may see of a unit."""

from __future__ import annotations

import hashlib
from bisect import bisect_right

from codesearch.types import Span


class Lines:
    """A file's bytes and where its lines start."""

    __slots__ = ("data", "starts")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.starts = [0]
        at = data.find(b"\n")
        while at >= 0:
            self.starts.append(at + 1)
            at = data.find(b"\n", at + 1)

    def row(self, offset: int) -> int:
        """0-based line of a byte."""
        return bisect_right(self.starts, offset) - 1

    def end(self, row: int) -> int:
        """Byte after the line and its line end."""
        return self.starts[row + 1] if row + 1 < len(self.starts) else len(self.data)

    def span(self, start: int, end: int) -> Span:
        """The span of a byte range, white space at its end left out."""
        end = max(start, start + len(self.data[start:end].rstrip()))
        first, last = self.row(start), self.row(max(start, end - 1))
        return Span(start, end, first, last, start - self.starts[first], end - self.starts[last])


def content_hash(*parts: str) -> str:
    """blake2b-128, in hex, of parts kept apart."""
    joined = "\0".join(parts).encode("utf-8", errors="surrogatepass")
    return hashlib.blake2b(joined, digest_size=16).hexdigest()
