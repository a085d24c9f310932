"""Vectors of units that are not in the index as they are: changed buffers and snippets."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from threading import Event
from typing import TYPE_CHECKING

from cachetools import LRUCache

from codesearch.search.handle import EncoderHandle
from codesearch.search.reader import Reader
from codesearch.store import StoredUnit
from codesearch.types import Unit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Units remembered: a handful of open files, some megabytes of vectors.
_REMEMBERED = 2000
# Texts encoded for one search, some tenths of a second on a laptop. What is beyond them is
# found by words this time, and by meaning at one of the next questions.
_MAX_TEXTS = 32


# Same path and content: same texts, same vectors. (The text of a unit has words of its path.)
UnitKey = tuple[str, str]


def key_of(unit: Unit | StoredUnit) -> UnitKey:
    """What two units share if they have the same vectors."""
    return unit.path, unit.content_hash


class UnitVectors:
    """Finds or makes the vectors of units, never encoding the same one twice. Thread-safe."""

    def __init__(self, encoder: EncoderHandle) -> None:
        self._encoder = encoder
        self._lock = threading.Lock()
        self._seen: LRUCache[UnitKey, NDArray[np.float32]] = LRUCache(_REMEMBERED)

    def of(
        self, units: Sequence[Unit], index: Reader | None, stop: Event | None
    ) -> dict[UnitKey, NDArray[np.float32]]:
        """Vectors (parts, dimension) by `key_of`, of as many `units` as can be had now.

        Taken from memory, or from `index` where the unit stands in it unchanged; else made,
        if the encoder is loaded.
        """
        missing = {key_of(unit): unit for unit in units}
        with self._lock:
            known = {key: self._seen[key] for key in missing if key in self._seen}
        fresh: dict[UnitKey, NDArray[np.float32]] = {}
        if index is not None and len(known) < len(missing):
            fresh |= _stored({key for key in missing if key not in known}, index)
        for key in (*known, *fresh):
            del missing[key]
        fresh |= self._make(missing, stop)
        with self._lock:
            self._seen.update(fresh)
        return known | fresh

    def _make(
        self, units: Mapping[UnitKey, Unit], stop: Event | None
    ) -> dict[UnitKey, NDArray[np.float32]]:
        from codesearch.encoder.text import document_texts

        if not units or self._encoder.get() is None:
            return {}
        texts: list[str] = []
        rows: dict[UnitKey, slice] = {}
        for key, unit in units.items():
            parts = document_texts(unit, self._encoder.info.max_tokens)
            if texts and len(texts) + len(parts) > _MAX_TEXTS:
                continue
            rows[key] = slice(len(texts), len(texts) + len(parts))
            texts += parts
        vectors = self._encoder.document_vectors(texts, stop)
        return {key: vectors[row] for key, row in rows.items()}


def _stored(wanted: AbstractSet[UnitKey], index: Reader) -> dict[UnitKey, NDArray[np.float32]]:
    """Vectors of those units that `index` has in their file, unchanged."""
    ids: dict[str, UnitKey] = {}
    for path in {path for path, _ in wanted}:
        for unit in index.units_at(path):
            if unit.encoded and key_of(unit) in wanted:
                ids[unit.id] = key_of(unit)
    vectors = index.vectors_of(tuple(ids)) if ids else {}
    return {ids[unit_id]: rows for unit_id, rows in vectors.items() if len(rows)}
