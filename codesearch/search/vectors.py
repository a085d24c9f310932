"""Vectors of units that are not in the index as they are: changed buffers and snippets."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from threading import Event
from typing import TYPE_CHECKING

from cachetools import LRUCache

from codesearch.search.handle import EncoderHandle
from codesearch.search.reader import Reader
from codesearch.types import Unit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Units remembered: a handful of open files, some megabytes of vectors.
_REMEMBERED = 2000
# Texts encoded for one search, some tenths of a second on a laptop. What is beyond them is
# found by words this time, and by meaning at one of the next questions.
_MAX_TEXTS = 32


class UnitVectors:
    """Finds or makes the vectors of units, never encoding the same one twice. Thread-safe."""

    def __init__(self, encoder: EncoderHandle) -> None:
        self._encoder = encoder
        self._lock = threading.Lock()
        self._made: LRUCache[str, NDArray[np.float32]] = LRUCache(_REMEMBERED)

    def of(
        self, units: Sequence[Unit], index: Reader | None, stop: Event | None
    ) -> dict[str, NDArray[np.float32]]:
        """Vectors (parts, dimension) by content hash, of as many `units` as can be had now.

        Taken from `index` where the unit stands in it unchanged, else from memory, else made,
        if the encoder is loaded.
        """
        known = stored_vectors(units, index) if index is not None else {}
        with self._lock:
            for unit in units:
                if unit.content_hash not in known and unit.content_hash in self._made:
                    known[unit.content_hash] = self._made[unit.content_hash]
        missing = {unit.content_hash: unit for unit in units if unit.content_hash not in known}
        made = self._make(missing, stop)
        with self._lock:
            self._made.update(made)
        return known | made

    def _make(
        self, units: Mapping[str, Unit], stop: Event | None
    ) -> dict[str, NDArray[np.float32]]:
        from codesearch.encoder.text import document_texts

        if not units or self._encoder.get() is None:
            return {}
        texts: list[str] = []
        rows: dict[str, slice] = {}
        for key, unit in units.items():
            parts = document_texts(unit, self._encoder.info.max_tokens)
            if texts and len(texts) + len(parts) > _MAX_TEXTS:
                continue
            rows[key] = slice(len(texts), len(texts) + len(parts))
            texts += parts
        vectors = self._encoder.document_vectors(texts, stop)
        return {key: vectors[row] for key, row in rows.items()}


def stored_vectors(units: Sequence[Unit], index: Reader) -> dict[str, NDArray[np.float32]]:
    """Vectors by content hash of those `units` that `index` has, in their file, unchanged."""
    ids: dict[str, str] = {}
    wanted = {unit.content_hash for unit in units}
    for path in {unit.path for unit in units}:
        for stored in index.units_at(path):
            if stored.encoded and stored.content_hash in wanted:
                ids[stored.id] = stored.content_hash
    vectors = index.vectors_of(tuple(ids)) if ids else {}
    return {ids[unit_id]: rows for unit_id, rows in vectors.items() if len(rows)}
