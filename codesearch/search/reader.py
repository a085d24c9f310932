"""What the stages of a search need of an index, whether it is on disk or has buffers over it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from codesearch.store import Counts, Filters, Found, StoredUnit


class Reader(Protocol):
    """The reading half of `store.Index`; every list comes best first."""

    def search_vectors(
        self, vector: NDArray[np.float32], limit: int, where: Filters
    ) -> list[Found]: ...

    def search_words(self, words: Sequence[str], limit: int, where: Filters) -> list[Found]: ...

    def find_names(self, name: str, limit: int, where: Filters) -> list[Found]: ...

    def names(self) -> tuple[str, ...]: ...

    def units_at(self, path: str) -> list[StoredUnit]: ...

    def vectors_of(self, unit_ids: Sequence[str]) -> dict[str, NDArray[np.float32]]: ...

    def counts(self) -> Counts: ...
