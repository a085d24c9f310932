"""Units to store, made of as little as each test needs."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from codesearch.store import Index, IndexedUnit
from codesearch.store.values import Vector
from codesearch.types import Kind, Span, Unit

DIMENSION = 16
FINGERPRINT = "test-encoder"


def open_index(root: Path, *, writable: bool = False, fingerprint: str = FINGERPRINT) -> Index:
    return Index.open(root, fingerprint=fingerprint, dimension=DIMENSION, writable=writable)


def vector_of(seed: str) -> Vector:
    """A unit-norm vector that is always the same for the same seed."""
    number = int.from_bytes(
        hashlib.blake2b(seed.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big"
    )
    values = np.random.default_rng(number).normal(size=DIMENSION).astype(np.float32)
    return values / np.linalg.norm(values)


def unit(
    path: str = "a.py",
    name: str = "f",
    *,
    body: str = "",
    start: int = 0,
    qualified_name: str = "",
    language: str = "python",
    kind: Kind = Kind.FUNCTION,
    documentation: str = "",
    signature: str = "",
) -> Unit:
    span = Span(start, start + 10, start, start + 2, 4, 6)
    name_span = Span(start + 4, start + 5, start, start, 8, 9)
    return Unit(
        path,
        language,
        kind,
        name,
        qualified_name or name,
        signature or f"def {name}()",
        documentation,
        body,
        span,
        name_span,
        hashlib.blake2b(body.encode("utf-8", "surrogatepass")).hexdigest()[:16],
    )


def indexed(one: Unit, *vectors: Vector | None) -> IndexedUnit:
    """With one vector made from the unit's name, unless others are given."""
    return IndexedUnit(one, vectors or (vector_of(one.name),))


def names(found: list) -> list[str]:
    return [one.unit.name for one in found]
