"""Unit-norm rows, for every encoder."""

from __future__ import annotations

import logging

import numpy as np
from numpy.typing import NDArray

_log = logging.getLogger(__name__)


def unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """`vectors` with rows of length 1.

    A row without direction (zero, or not finite after an overflow) becomes the first axis: it
    must be stored and compared like any other, and NaN spoils every comparison it meets.
    """
    vectors = vectors.astype(np.float32)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    lost = ~np.isfinite(norms[:, 0]) | (norms[:, 0] == 0)
    if lost.any():
        _log.warning("%d texts have no vector: the model gave no finite numbers", lost.sum())
        vectors[lost] = 0
        vectors[lost, 0] = norms[lost, 0] = 1
    unit: NDArray[np.float32] = vectors / norms
    return unit
