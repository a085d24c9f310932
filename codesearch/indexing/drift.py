"""Whether the encoder still makes the vectors that it made when the index was begun.

A new version of a library, other hardware, or files that changed in place can move vectors while
the fingerprint stays; then old and new vectors of one index no longer compare. A few fixed texts
are encoded when an encoder is loaded for an index for the first time, and each time after that.
"""

from __future__ import annotations

import base64
import binascii
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from codesearch.encoder import Encoder
from codesearch.errors import StoreError
from codesearch.store import Manifest

# What stands in the manifest's meta.
PROBES = "probes"
# Below, ranks change visibly; another number format alone (bfloat16) stays above.
LEAST_COSINE = 0.999
WARNING = (
    "the encoder makes other vectors than when this index was begun (cosine {:.4f}): "
    "`codesearch clean --embeddings` and `codesearch clean`, then index again"
)
# Of several kinds and lengths. To change one is to find drift everywhere.
_TEXTS = (
    "read a file",
    "python function retry\ndef retry(action, attempts):\n    pause = 1\n",
    "wait longer before each attempt",
    "go method Limiter.Take\nfunc (l *Limiter) Take() bool {\n\treturn l.left.Load() > 0\n}",
    "SELECT name FROM users WHERE id = 7",
    "größe straße 漢字 🙂",
    "x",
    " ".join(f"token{number}" for number in range(200)),
)


def probe(encoder: Encoder) -> NDArray[np.float32]:
    """The probes' vectors, (n, dimension)."""
    return encoder.encode_documents(list(_TEXTS))


def to_text(vectors: NDArray[np.float32]) -> str:
    """Vectors as the manifest keeps them."""
    return base64.b64encode(vectors.astype(np.float16).tobytes()).decode()


def compare(kept: str, vectors: NDArray[np.float32]) -> float | None:
    """The lowest cosine of a probe then and now; None if `kept` is of other probes."""
    try:
        then = np.frombuffer(base64.b64decode(kept, validate=True), np.float16)
    except (binascii.Error, ValueError):
        return None
    if then.size != vectors.size:
        return None
    rows = then.reshape(vectors.shape).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return float(np.min(np.sum(rows * vectors, axis=1)))


def drift_of(root: Path, encoder: Encoder) -> float | None:
    """The lowest cosine for the index of `root`; None if it has none to compare with."""
    try:
        manifest = Manifest.peek(root)
    except StoreError:
        return None
    try:
        kept = manifest.meta().get(PROBES)
        return compare(kept, probe(encoder)) if kept else None
    except StoreError:
        return None
    finally:
        manifest.close()
