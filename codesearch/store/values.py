"""What the store takes and gives: plain values, free of LanceDB."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from codesearch.types import Kind, Span, Unit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Vector: TypeAlias = "NDArray[np.float32]"

# Rows of the largest table that a reader holds in memory, some 150 MB of it.
IN_MEMORY_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class IndexedUnit:
    """A unit and its vectors: one for each text that is encoded for it, None while missing."""

    unit: Unit
    vectors: tuple[Vector | None, ...]  # each (dimension,), unit-norm

    @property
    def encoded(self) -> bool:
        """Whether no vector is missing."""
        return all(vector is not None for vector in self.vectors)


@dataclass(frozen=True, slots=True)
class StoredUnit:
    """A unit as it lies in the index: everything but its body, which is read from the file."""

    path: str
    language: str
    kind: Kind
    name: str
    qualified_name: str
    signature: str
    documentation: str  # at most `rows.DOCUMENTATION_CHARS` characters
    span: Span
    name_span: Span
    content_hash: str
    encoded: bool  # whether all its vectors are there
    id: str = field(init=False, repr=False, compare=False)  # the `Unit.id` of what it was made from

    def __post_init__(self) -> None:
        # Made once: every stage of a search asks for it, of hundreds of units.
        place = f"{self.path}\0{self.span.start_byte}\0{self.span.end_byte}\0{self.kind.value}"
        object.__setattr__(self, "id", place)


@dataclass(frozen=True, slots=True)
class Found:
    """One unit that a search came back with.

    `score` is a cosine for vectors, a BM25 score for words, and 1.0 (same case) or 0.5
    (another case) for names: comparable within one result, not between kinds of search.
    """

    unit: StoredUnit
    score: float


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search is restricted to. Empty means anything; see `filters.glob_to_regex`."""

    languages: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    paths: tuple[str, ...] = ()  # globs relative to the root; any may match
    exclude_paths: tuple[str, ...] = ()


NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is in the index."""

    units: int
    encoded: int  # units with all their vectors
