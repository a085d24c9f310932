"""Units as rows of an Arrow table, and back.

A unit is one row for each of its parts (its overlapping pieces, when it is too long for the
encoder). All rows carry the unit; only the first carries the words and the name that are
searched, so that a unit is found, and counted, once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from codesearch.store.filters import from_stored, to_stored
from codesearch.store.searched import searched_words
from codesearch.store.values import IndexedUnit, StoredUnit, Vector
from codesearch.types import Kind, Span

DOCUMENTATION_CHARS = 2_000  # enough to rank and to show; the file has the rest
_KEY_BYTES = 14  # of a unit; with the part's two, a row's id
_SPAN_FIELDS = (
    "start_byte",
    "end_byte",
    "start_line",
    "end_line",
    "start_column",
    "end_column",
)
_SPANS = ("span", "name_span")
_SPAN = pa.struct([(name, pa.int32()) for name in _SPAN_FIELDS])

_KINDS = {kind.value: kind for kind in Kind}

UNIT_COLUMNS = (
    "path",
    "language",
    "kind",
    "name",
    "qualified_name",
    "signature",
    "documentation",
    "span",
    "name_span",
    "content_hash",
    "encoded",
)


def schema(dimension: int) -> pa.Schema:
    """The table's columns for vectors of `dimension` numbers."""
    return pa.schema(
        [
            pa.field("id", pa.binary(_KEY_BYTES + 2), nullable=False),
            pa.field("part", pa.int32()),
            *(pa.field(name, pa.string()) for name in UNIT_COLUMNS[:7]),
            pa.field("span", _SPAN),
            pa.field("name_span", _SPAN),
            pa.field("content_hash", pa.string()),
            pa.field("encoded", pa.bool_()),
            pa.field("name_key", pa.string()),  # null but in the first part
            pa.field("words", pa.string()),  # null but in the first part
            pa.field("vector", pa.list_(pa.float16(), dimension)),  # null while missing
        ]
    )


def unit_key(unit_id: str) -> bytes:
    """What the ids of all rows of one unit start with."""
    encoded = unit_id.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(encoded, digest_size=_KEY_BYTES).digest()


def key_of_row(row_id: bytes) -> bytes:
    """The `unit_key` of a row's id."""
    return row_id[:_KEY_BYTES]


def name_key(name: str) -> str:
    """A name as it is compared: without regard to case."""
    return name.casefold()


@dataclass(frozen=True, slots=True)
class Prepared:
    """Files as rows, ready to be written; `Index.replace_prepared` takes it.

    Making it is most of the work of a write and needs no open index, so another process may
    do it. `data` lacks the column of vectors when there is none.
    """

    paths: tuple[str, ...]
    data: pa.Table


def prepare(files: Mapping[str, Sequence[IndexedUnit]]) -> Prepared:
    """All rows of `files`. A unit that comes twice is taken once."""
    rows = list(_rows(files))
    dimension = next((len(row.vector) for row in rows if row.vector is not None), 0)
    kinds = pa.schema(list(schema(dimension))[:-1])
    data = pa.table([_column(rows, at, kind) for at, kind in enumerate(kinds)], schema=kinds)
    if dimension:
        vectors = _vectors([row.vector for row in rows], dimension)
        data = data.append_column(schema(dimension).field("vector"), vectors)
    return Prepared(tuple(files), data)


def with_vectors(data: pa.Table, dimension: int) -> pa.Table:
    """`data` with all columns of the table: missing vectors are nulls."""
    if "vector" in data.column_names:
        return data
    field = schema(dimension).field("vector")
    return data.append_column(field, pa.nulls(data.num_rows, field.type))


def _column(rows: Sequence[_Row], at: int, field: pa.Field) -> pa.Array:
    return pa.array([row.values[at] for row in rows], field.type)


@dataclass(frozen=True, slots=True)
class _Row:
    values: tuple[object, ...]  # all columns but the last
    vector: Vector | None


def _rows(files: Mapping[str, Sequence[IndexedUnit]]) -> Iterator[_Row]:
    seen: set[bytes] = set()
    for units in files.values():
        for indexed in units:
            key = unit_key(indexed.unit.id)
            if key not in seen:
                seen.add(key)
                yield from _rows_of(indexed, key)


def _rows_of(indexed: IndexedUnit, key: bytes) -> Iterator[_Row]:
    unit = indexed.unit
    texts = (
        unit.path,
        unit.language,
        unit.kind.value,
        unit.name,
        unit.qualified_name,
        unit.signature,
        unit.documentation[:DOCUMENTATION_CHARS],
    )
    shared = (
        *map(to_stored, texts),
        _span_values(unit.span),
        _span_values(unit.name_span),
        unit.content_hash,
        indexed.encoded,
    )
    for part, vector in enumerate(indexed.vectors or (None,)):
        first = (
            (to_stored(name_key(unit.name)), searched_words(unit)) if part == 0 else (None, None)
        )
        yield _Row((key + part.to_bytes(2, "big"), part, *shared, *first), vector)


def _span_values(span: Span) -> dict[str, int]:
    return {name: getattr(span, name) for name in _SPAN_FIELDS}


def _vectors(vectors: Sequence[Vector | None], dimension: int) -> pa.Array:
    values = np.zeros((len(vectors), dimension), np.float16)
    for at, vector in enumerate(vectors):
        if vector is not None:
            values[at] = vector
    missing = pa.array([vector is None for vector in vectors], pa.bool_())
    return pa.FixedSizeListArray.from_arrays(
        pa.array(values.reshape(-1)), type=pa.list_(pa.float16(), dimension), mask=missing
    )


def to_units(table: pa.Table) -> list[StoredUnit]:
    """The units of rows that hold `UNIT_COLUMNS`, one a row."""
    columns = [
        _to_spans(table.column(name)) if name in _SPANS else _to_values(table.column(name))
        for name in UNIT_COLUMNS
    ]
    return [_to_unit(values) for values in zip(*columns, strict=True)]


def _to_unit(values: tuple[Any, ...]) -> StoredUnit:
    path, language, kind, *rest = values
    return StoredUnit(path, language, _KINDS[kind], *rest)


def _to_values(column: pa.ChunkedArray) -> list[Any]:
    values: list[Any] = column.to_pylist()
    if column.type == pa.string() and "\0" in "".join(values):  # seldom, and all at once
        return [from_stored(value) for value in values]
    return values


def _to_spans(column: pa.ChunkedArray) -> list[Span]:
    """Field by field: as dictionaries, spans would be most of the work of making units."""
    fields = [part.to_pylist() for part in column.combine_chunks().flatten()]
    return [Span(*values) for values in zip(*fields, strict=True)]


def to_vectors(column: pa.ChunkedArray, dimension: int) -> Vector:
    """The vectors of a column without nulls, (rows, dimension) float32."""
    flat = column.combine_chunks().flatten().to_numpy(zero_copy_only=False)
    result: Vector = flat.astype(np.float32).reshape(-1, dimension)
    return result
