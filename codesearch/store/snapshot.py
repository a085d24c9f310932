"""One version of a table in memory: all that a search reads of it but the words.

A question reads a few hundred units from a table of tens of thousands. Fetched from disk, each
view's answer takes longer than everything a search does with it; held here, in some 700 bytes a
row, it is there at once. Rows never change once they are written (a changed unit is a new row), so
the next version costs the new rows alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from codesearch import process
from codesearch.store import rows
from codesearch.store.compact import CompactVectors
from codesearch.store.filters import from_stored, matching_paths, to_stored
from codesearch.store.names import name_parts, name_score
from codesearch.store.values import Counts, Filters, Found, StoredUnit, Vector
from codesearch.types import Kind

if TYPE_CHECKING:
    from codesearch.store.table import Table

COLUMNS = (*rows.UNIT_COLUMNS, "id", "part", "name_key")
_KEY_OF_UNIT = 8  # bytes of an id that tell units apart; the id has more, for all times
_PARTS_GUESS = 2  # rows looked at for a wanted unit, since its parts may all be near
_MASKS = 8  # filters whose rows are remembered; one is asked for several times a question
_REMEMBERED = 5_000  # units made from their rows, twice as many at most; a question looks at 400
_Mask = NDArray[np.bool_]
_Places = NDArray[np.intp]


class Snapshot:
    """The rows of `version`, in the order of their ids; a place is where a row stands in it.

    Immutable but for what it remembers, and so safe for several threads.
    """

    def __init__(
        self, version: int, row_ids: NDArray[np.int64], data: pa.Table, vectors: CompactVectors
    ) -> None:
        self.version = version
        self.row_ids = row_ids
        self._data = data
        self._vectors = vectors
        self._parts: NDArray[np.int32] = data.column("part").to_numpy()
        self._made: dict[int, StoredUnit] = {}
        self._older: dict[int, StoredUnit] = {}
        self._masks: dict[Filters, _Mask | None] = {}

    @classmethod
    def read(cls, table: Table) -> Snapshot:
        """The newest version of `table`."""
        version = table.version()
        whole = cls(version, *_in_order(*_taken_apart(table.rows(COLUMNS))))
        # Reading it through leaves twice as much behind as is held in the end.
        pa.default_memory_pool().release_unused()
        process.give_back_memory()
        return whole

    def followed(self, version: int, table: Table) -> Snapshot | None:
        """`version`, made from this one; None if little is left, or the table changes meanwhile."""
        now = table.row_ids()
        new = now[~np.isin(now, self.row_ids, assume_unique=True)]
        if 2 * len(new) > len(now):
            return None
        row_ids, data, vectors = _taken_apart(table.rows(COLUMNS, new))
        if len(row_ids) != len(new):
            return None
        kept = np.isin(self.row_ids, now, assume_unique=True)
        return Snapshot(
            version,
            *_in_order(
                np.concatenate([self.row_ids[kept], row_ids]),
                pa.concat_tables([self._data.filter(pa.array(kept)), data]).combine_chunks(),
                CompactVectors.joined([self._vectors.take(kept), vectors]),
            ),
        )

    def nearest(self, vector: Vector, limit: int, where: Filters) -> list[Found]:
        """The units whose best part is nearest to `vector`, with their cosines."""
        scores = self._vectors.cosines(vector)
        mask = self._mask(where)
        if mask is not None:
            scores[~mask] = -np.inf
        most = int(np.isfinite(scores).sum())
        wanted = limit
        while True:
            wanted = min(wanted * _PARTS_GUESS, most)
            places = _best(scores, wanted)
            _, first = np.unique(self._first_parts[places], return_index=True)
            if len(first) >= limit or wanted == most:
                break
        best = places[np.sort(first)[:limit]]
        return self._found(self._first_parts[best], scores[best])

    def at(self, row_ids: NDArray[np.int64], scores: NDArray[np.float32]) -> list[Found]:
        """The units of rows, in their order. Rows that this version lacks are left out."""
        places, here = self._places_of(row_ids)
        return self._found(places[here], scores[here])

    def holds(self, row_ids: NDArray[np.int64]) -> bool:
        """Whether all of these rows are in this version."""
        return bool(self._places_of(row_ids)[1].all())

    def named(self, typed: str, limit: int, where: Filters) -> list[Found]:
        """The units that `typed` names: same case first, then that very name, windows last."""
        keys = {rows.name_key(name) for name in (typed, *name_parts(typed)[-1:])}
        places = self._of_names(keys, where)
        found = []
        for unit in self._units(places):
            if score := name_score(typed, unit.name, unit.qualified_name):
                other = typed not in (unit.name, unit.qualified_name)
                found.append((-score, other, unit.kind is Kind.WINDOW, unit))
        found.sort(key=lambda one: one[:3])
        return [Found(unit, -score) for score, _, _, unit in found[:limit]]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every distinct name of what is defined somewhere."""
        kinds, codes = _encoded(self._data.column("kind"))
        defined = (self._parts == 0) & ~_accepted(kinds, codes, {Kind.WINDOW.value})
        names = self._data.column("name").filter(pa.array(defined)).unique()
        return tuple(from_stored(name) for name in names.to_pylist())

    def units(self, path: str) -> list[StoredUnit]:
        """The units of one file, by position; an outer one before those inside it."""
        values, codes = self._paths
        try:
            code = values.index(to_stored(path))
        except ValueError:
            return []
        places = np.nonzero((codes == code) & (self._parts == 0))[0]
        return sorted(
            self._units(places), key=lambda unit: (unit.span.start_byte, -unit.span.end_byte)
        )

    @cached_property
    def counts(self) -> Counts:
        """Units, and those with all their vectors."""
        encoded = self._data.column("encoded").to_numpy(zero_copy_only=False)
        first = self._parts == 0
        return Counts(int(first.sum()), int((first & encoded).sum()))

    def _places_of(self, row_ids: NDArray[np.int64]) -> tuple[_Places, _Mask]:
        """Where these rows are, if they are here, and whether they are."""
        if not len(self.row_ids):
            return np.zeros(len(row_ids), np.intp), np.zeros(len(row_ids), bool)
        places = np.minimum(np.searchsorted(self.row_ids, row_ids), len(self.row_ids) - 1)
        return places, self.row_ids[places] == row_ids

    def _found(self, places: _Places, scores: NDArray[np.float32]) -> list[Found]:
        units = self._units(places)
        return [Found(unit, score) for unit, score in zip(units, scores.tolist(), strict=True)]

    def _units(self, places: _Places) -> list[StoredUnit]:
        wanted: list[int] = places.tolist()
        made, older = self._made, self._older
        made.update((place, older[place]) for place in wanted if place in older)
        missing = [place for place in wanted if place not in made]
        if missing:
            taken = self._data.take(pa.array(missing, pa.int64()))
            made.update(zip(missing, rows.to_units(taken), strict=True))
        if len(made) > _REMEMBERED:  # what nobody asks for until this happens again is forgotten
            self._made, self._older = {}, made
        return [made[place] for place in wanted]

    def _of_names(self, keys: Iterable[str], where: Filters) -> _Places:
        _, codes, order = self._keys
        places = [
            order[slice(*np.searchsorted(codes, (code, code + 1), sorter=order))]
            for code in {self._codes_of_keys.get(to_stored(key), -1) for key in keys}
            if code >= 0
        ]
        every = np.sort(np.concatenate(places)) if places else np.zeros(0, np.intp)
        mask = self._mask(where)
        return every if mask is None else every[mask[every]]

    @cached_property
    def _first_parts(self) -> _Places:
        """For each row the place of its unit's first part, which is the unit."""
        ids = self._data.column("id").combine_chunks()
        width = ids.type.byte_width
        raw = np.frombuffer(ids.buffers()[1], np.uint8)[ids.offset * width :]
        keys = raw[: len(ids) * width].reshape(-1, width)[:, :_KEY_OF_UNIT].copy()
        of_unit = keys.view(np.uint64)[:, 0]
        places = np.arange(len(ids))
        first, further = np.nonzero(self._parts == 0)[0], np.nonzero(self._parts)[0]
        by_key = first[np.argsort(of_unit[first], kind="stable")]
        if len(further):
            at = np.searchsorted(of_unit[by_key], of_unit[further])
            places[further] = by_key[np.minimum(at, len(by_key) - 1)]
        return places

    @cached_property
    def _keys(self) -> tuple[list[str], NDArray[np.int32], _Places]:
        """Distinct keys of names, each row's number among them, and the rows by that number."""
        keys, codes = _encoded(self._data.column("name_key"))
        return keys, codes, np.argsort(codes, kind="stable")

    @cached_property
    def _codes_of_keys(self) -> dict[str, int]:
        return {key: code for code, key in enumerate(self._keys[0])}

    @cached_property
    def _paths(self) -> tuple[list[str], NDArray[np.int32]]:
        return _encoded(self._data.column("path"))

    def _mask(self, where: Filters) -> _Mask | None:
        """Which rows pass `where`; None for all."""
        if where not in self._masks:
            if len(self._masks) >= _MASKS:
                self._masks = {}
            self._masks[where] = self._find_mask(where)
        return self._masks[where]

    def _find_mask(self, where: Filters) -> _Mask | None:
        passes: list[_Mask] = []
        for column, wanted in (("language", where.languages), ("kind", where.kinds)):
            if wanted:
                passes.append(_accepted(*_encoded(self._data.column(column)), set(wanted)))
        if where.paths:
            passes.append(_accepted(*self._paths, matching_paths(self._paths[0], where.paths)))
        if where.exclude_paths:
            others = matching_paths(self._paths[0], where.exclude_paths)
            passes.append(~_accepted(*self._paths, others))
        return np.logical_and.reduce(passes) if passes else None


def _taken_apart(
    batches: pa.RecordBatchReader,
) -> tuple[NDArray[np.int64], pa.Table, CompactVectors]:
    """Row ids, `COLUMNS` and vectors; wide vectors are there for one batch at a time."""
    schema = batches.schema
    none = np.zeros((0, schema.field("vector").type.list_size), np.float32)
    row_ids, pieces = [np.zeros(0, np.int64)], [CompactVectors.of(none)]
    data = [schema.empty_table().select(list(COLUMNS))]
    for batch in batches:
        row_ids.append(batch.column("_rowid").to_numpy().astype(np.int64))
        pieces.append(CompactVectors.of(_wide(batch.column("vector"))))
        data.append(pa.table(batch.select(list(COLUMNS))))
    together = pa.concat_tables(data).combine_chunks()
    return np.concatenate(row_ids), together, CompactVectors.joined(pieces)


def _wide(vectors: pa.FixedSizeListArray) -> NDArray[np.float16]:
    """The vectors of a column (rows, dimension); missing ones are zeros."""
    size = vectors.type.list_size
    flat = vectors.values.slice(vectors.offset * size, len(vectors) * size)
    wide: NDArray[np.float16] = flat.to_numpy(zero_copy_only=False).reshape(-1, size)
    if vectors.null_count:
        wide = np.where(vectors.is_valid().to_numpy(zero_copy_only=False)[:, None], wide, 0)
    return wide


def _in_order(
    row_ids: NDArray[np.int64], data: pa.Table, vectors: CompactVectors
) -> tuple[NDArray[np.int64], pa.Table, CompactVectors]:
    if bool((row_ids[1:] > row_ids[:-1]).all()):
        return row_ids, data, vectors
    order = np.argsort(row_ids)
    return row_ids[order], data.take(pa.array(order)), vectors.take(order)


def _best(scores: NDArray[np.float32], count: int) -> _Places:
    """The places of the `count` highest, best first."""
    if count <= 0:
        return np.zeros(0, np.intp)
    places = np.argpartition(-scores, count - 1)[:count] if count < len(scores) else slice(None)
    top = np.arange(len(scores))[places]
    return top[np.argsort(-scores[top], kind="stable")][:count]


def _encoded(column: pa.ChunkedArray) -> tuple[list[str], NDArray[np.int32]]:
    """The distinct values of a column, and the number of each row's; -1 for null."""
    coded = column.combine_chunks().dictionary_encode()
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    return coded.dictionary.to_pylist(), codes


def _accepted(values: Sequence[str], codes: NDArray[np.int32], wanted: Iterable[str]) -> _Mask:
    chosen = set(wanted)
    accepted = np.array([value in chosen for value in values], bool)
    return accepted[codes] if len(values) else np.zeros(len(codes), bool)
