"""Unsaved buffers, searched as they are on the screen.

`Overlaid` is an index with some files replaced: it answers like the index, so that no stage of
a search knows about buffers. Units of the buffers are few, so they are compared one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codesearch.search.reader import Reader
from codesearch.search.vectors import UnitKey, key_of
from codesearch.store import Counts, Filters, Found, StoredUnit
from codesearch.store.filters import passes_path
from codesearch.store.names import name_score
from codesearch.store.searched import searched_words
from codesearch.types import Unit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# How fast a repeated word stops counting, and how much a unit's length matters: BM25's own
# usual values, as the index uses them.
_K1, _B = 1.2, 0.75
# What a word counts in a unit that is about it: between once (1.0) and always (2.2).
_GOOD = 1.5


@dataclass(frozen=True, slots=True)
class Overlay:
    """An unsaved buffer. `path` is relative to the root, with forward slashes."""

    path: str
    text: str


class Overlaid:
    """`index` with the files of `buffers` (path -> units) replaced. Implements `Reader`.

    `vectors` holds those that are known, (parts, dimension) each; `rarity` what a word counts,
    1 where it does not say.
    """

    def __init__(
        self,
        index: Reader,
        buffers: Mapping[str, Sequence[Unit]],
        vectors: Mapping[UnitKey, NDArray[np.float32]],
        rarity: Mapping[str, float] | None = None,
    ) -> None:
        self._index = index
        self._buffers = buffers
        self._vectors = vectors
        self._rarity = rarity or {}
        self._hidden = sum(len(index.units_at(path)) for path in buffers)

    def search_vectors(
        self, vector: NDArray[np.float32], limit: int, where: Filters
    ) -> list[Found]:
        stored = self._index.search_vectors(vector, limit + self._hidden, where)
        own = [
            Found(_stored(unit, encoded=True), float((rows @ vector).max()))
            for unit in self._units(where)
            if (rows := self._vectors.get(key_of(unit))) is not None
        ]
        return self._merged(stored, own, limit)

    def search_words(self, words: Sequence[str], limit: int, where: Filters) -> list[Found]:
        """By the index's scores where it has the very unit, and by an estimate elsewhere.

        BM25 needs to know how rare each word is, which the index does not tell. Only ranks
        matter later, so a changed unit is placed against the best stored one by how much of
        the query it holds: all of it, well repeated, is as good as the best.
        """
        stored = self._index.search_words(words, limit + self._hidden, where)
        same = {key_of(one.unit): one.score for one in stored if self._hides(one.unit)}
        best = max((one.score for one in stored), default=1.0)
        units = list(self._units(where))
        shares = _shares({word: self._rarity.get(word, 1.0) for word in words}, units)
        own = [
            Found(self._as_stored(unit), same.get(key_of(unit), best * share))
            for unit, share in zip(units, shares, strict=True)
            if share > 0.0
        ]
        return self._merged(stored, own, limit)

    def find_names(self, name: str, limit: int, where: Filters) -> list[Found]:
        stored = self._index.find_names(name, limit + self._hidden, where)
        own = [
            Found(self._as_stored(unit), score)
            for unit in self._units(where)
            if (score := name_score(name, unit.name, unit.qualified_name)) > 0.0
        ]
        return self._merged(stored, own, limit)

    def names(self) -> tuple[str, ...]:
        stored = self._index.names()
        own = {unit.name for unit in self._units(Filters())}.difference(stored)
        return (*stored, *sorted(own)) if own else stored

    def units_at(self, path: str) -> list[StoredUnit]:
        if path in self._buffers:
            return [self._as_stored(unit) for unit in self._buffers[path]]
        return self._index.units_at(path)

    def vectors_of(self, unit_ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        own = {
            unit.id: self._vectors[key_of(unit)]
            for unit in self._units(Filters())
            if unit.id in unit_ids and key_of(unit) in self._vectors
        }
        others = [one for one in unit_ids if one.partition("\0")[0] not in self._buffers]
        return own | self._index.vectors_of(others)

    def counts(self) -> Counts:
        """Of the index: what is typed now is not worth a count of its own."""
        return self._index.counts()

    def _units(self, where: Filters) -> Iterator[Unit]:
        for units in self._buffers.values():
            yield from (unit for unit in units if _passes(unit, where))

    def _as_stored(self, unit: Unit) -> StoredUnit:
        return _stored(unit, encoded=key_of(unit) in self._vectors)

    def _hides(self, unit: StoredUnit) -> bool:
        return unit.path in self._buffers

    def _merged(self, stored: Iterable[Found], own: Iterable[Found], limit: int) -> list[Found]:
        kept = [*own, *(one for one in stored if not self._hides(one.unit))]
        return sorted(kept, key=lambda one: -one.score)[:limit]


def _stored(unit: Unit, *, encoded: bool) -> StoredUnit:
    return StoredUnit(
        path=unit.path,
        language=unit.language,
        kind=unit.kind,
        name=unit.name,
        qualified_name=unit.qualified_name,
        signature=unit.signature,
        documentation=unit.documentation,
        span=unit.span,
        name_span=unit.name_span,
        content_hash=unit.content_hash,
        encoded=encoded,
    )


def _shares(words: Mapping[str, float], units: Sequence[Unit]) -> list[float]:
    """How well each unit holds `words` (with weights), from 0 (none) to 1 (all, repeatedly)."""
    texts = [searched_words(unit).split() for unit in units]
    average = sum(map(len, texts)) / max(1, len(texts))
    return [_share(words, Counter(text), len(text) / max(1.0, average)) for text in texts]


def _share(words: Mapping[str, float], counts: Counter[str], length: float) -> float:
    norm = _K1 * (1 - _B + _B * length)
    gains = (
        weight * counts[word] * (_K1 + 1) / (counts[word] + norm) for word, weight in words.items()
    )
    return min(1.0, sum(gains) / (_GOOD * (sum(words.values()) or 1.0)))


def _passes(unit: Unit, where: Filters) -> bool:
    """The store's filters, for a unit that is not in the store."""
    if where.languages and unit.language not in where.languages:
        return False
    if where.kinds and unit.kind not in where.kinds:
        return False
    return passes_path(unit.path, where)
