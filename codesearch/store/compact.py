"""Vectors in a byte a number, all of them compared with a query in milliseconds.

A unit-norm vector of floats becomes whole numbers from -127 to 127 and one scale. A cosine is off
by some ten-thousandths then, less than any two texts of one meaning differ by, and every vector is
compared: nothing is missed, and there is no index to train.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

_MOST = 127
# Rows widened to floats at a time: what stays within a processor's caches. Fewer are no quicker to
# widen, and each time costs two calls.
_ROWS_AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class CompactVectors:
    """Vectors as `numbers` (rows, dimension) times `scales` (rows,); a scale of 0 is "missing"."""

    numbers: NDArray[np.int8]
    scales: NDArray[np.float32]

    @classmethod
    def of(cls, vectors: NDArray[np.floating]) -> CompactVectors:
        """Of `vectors` (rows, dimension); rows of zeros are missing ones."""
        numbers = np.empty(vectors.shape, np.int8)
        scales = np.empty(len(vectors), np.float32)
        for at in range(0, len(vectors), _ROWS_AT_ONCE):
            rows = slice(at, at + _ROWS_AT_ONCE)
            wide = vectors[rows].astype(np.float32)
            largest = np.maximum(wide.max(axis=1, initial=0.0), -wide.min(axis=1, initial=0.0))
            scales[rows] = largest / _MOST
            factors = np.divide(_MOST, largest, out=np.zeros_like(largest), where=largest > 0)
            wide *= factors[:, None]
            numbers[rows] = np.rint(wide, out=wide)
        return cls(numbers, scales)

    def __len__(self) -> int:
        return len(self.scales)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> CompactVectors:
        """Those of `rows`, places or a mask."""
        return CompactVectors(self.numbers[rows], self.scales[rows])

    @classmethod
    def joined(cls, pieces: Sequence[CompactVectors]) -> CompactVectors:
        """All of `pieces`, of which there is at least one, in their order."""
        return cls(
            np.concatenate([piece.numbers for piece in pieces]),
            np.concatenate([piece.scales for piece in pieces]),
        )

    def cosines(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """With each row (rows,); -inf for those that are missing."""
        found = np.empty(len(self), np.float32)
        wide = np.empty((min(_ROWS_AT_ONCE, len(self)), len(vector)), np.float32)
        # On one thread: each product would wait for the second one's turn, and 4 ms became 200
        # while an indexer ran beside it. Nothing was gained on a machine at rest.
        with _threads().limit(limits=1, user_api="blas"):
            for at in range(0, len(self), _ROWS_AT_ONCE):
                numbers = self.numbers[at : at + _ROWS_AT_ONCE]
                rows = wide[: len(numbers)]
                np.copyto(rows, numbers)
                np.dot(rows, vector, out=found[at : at + len(numbers)])
        found *= self.scales
        found[self.scales == 0.0] = -np.inf
        return found


@cache
def _threads() -> ThreadpoolController:
    return ThreadpoolController()  # looks through all libraries, for milliseconds
