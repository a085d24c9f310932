"""Answers about files that the index does not hold yet, from those that hold most of the words."""

# An index without units answers the same to everything.
# ruff: noqa: ARG002

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event
from typing import TYPE_CHECKING, Protocol

from codesearch.search.overlay import Overlaid
from codesearch.search.reader import Reader
from codesearch.store import Counts, Filters, Found, StoredUnit
from codesearch.types import Glimpse, ParsedFile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Unread(Protocol):
    """Whoever can look through files without an index (`indexing.glance.Glance`)."""

    @property
    def over(self) -> bool:
        """Whether the index has them all by now."""
        ...

    def look(self, words: Sequence[str], where: Filters, stop: Event | None) -> Glimpse:
        """The files that hold most of `words` (lower case)."""
        ...


def reader_of(glimpse: Glimpse, parse: Callable[[str, bytes], ParsedFile]) -> Reader:
    """The units of the files in `glimpse`, to be asked like an index; none has a vector."""
    units = {path: parse(path, source).units for path, source in glimpse.sources.items()}
    return Overlaid(_Nothing(), units, {}, glimpse.rarity)


def note_on(glimpse: Glimpse) -> str:
    """How the answer was found, for the user."""
    files = f"{glimpse.files:,} files"
    if glimpse.looked_at < glimpse.files:
        files = f"{glimpse.looked_at:,} of {files}"
    return f"not indexed yet: found by plain words in {files}"


class _Nothing:
    """An index without units. Implements `Reader`."""

    def search_vectors(
        self, vector: NDArray[np.float32], limit: int, where: Filters
    ) -> list[Found]:
        return []

    def search_words(self, words: Sequence[str], limit: int, where: Filters) -> list[Found]:
        return []

    def find_names(self, name: str, limit: int, where: Filters) -> list[Found]:
        return []

    def names(self) -> tuple[str, ...]:
        return ()

    def units_at(self, path: str) -> list[StoredUnit]:
        return []

    def vectors_of(self, unit_ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        return {}

    def counts(self) -> Counts:
        return Counts(0, 0)
