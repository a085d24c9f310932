"""The LanceDB table. Importing this module costs 1.5 seconds and starts threads."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("LANCEDB_LOG", "error")  # it warns about every query without a score column

import lancedb
import numpy as np
import pyarrow as pa
from lancedb.index import FTS, BTree, IvfFlat
from lancedb.query import MatchQuery
from numpy.typing import NDArray

from codesearch.store import rows
from codesearch.store.filters import from_stored, one_of, to_stored
from codesearch.store.layout import TABLE_NAME
from codesearch.store.names import name_parts, name_score
from codesearch.store.values import Counts, Found, StoredUnit, Vector
from codesearch.types import Kind

_FIRST_PART = "part = 0"
_UNENCODED = f"{_FIRST_PART} AND NOT encoded"

# Words are split already: white space parts them, and nothing is stemmed or left out.
_WORDS_INDEX = FTS(
    base_tokenizer="whitespace",
    stem=False,
    remove_stop_words=False,
    with_position=False,
    max_token_length=128,
)
_PARTS_GUESS = 2  # rows asked for a wanted unit, since its parts may all be near
_MOST_NAMESAKES = 20_000  # rows read for one name
_PROBES = 20  # partitions of the vector index that are read first
# LanceDB remembers the indexes of each version it has met, gigabytes of them, and with them keeps
# files open that were deleted long ago: two descriptors, and their disk, each time they are made
# anew. So a table that has seen this many versions, and remembers this many things, is opened anew.
_MOST_REMEMBERED = 1_000
_VERSIONS_REMEMBERED = 50


class Table:
    """One index's rows. It raises whatever LanceDB does; `Index` makes sense of it."""

    def __init__(self, home: Path, dimension: int) -> None:
        """For `create` and `open` alone."""
        self._home = home
        self._dimension = dimension
        self._opened_at = 0  # the version at which it was opened anew
        self._session = lancedb.Session.default()
        self._table: Any = None

    @classmethod
    def create(cls, home: Path, dimension: int) -> Table:
        """An empty table in `home`, which holds none, with its word and scalar indexes.

        The indexes are there from the start: without one, word search would raise.
        """
        made = cls(home, dimension)
        table = _connect(home, made._session).create_table(
            TABLE_NAME, schema=rows.schema(dimension)
        )
        table.create_index("words", config=_WORDS_INDEX)
        table.create_index("path", config=BTree())
        table.create_index("name_key", config=BTree())
        made._table = table
        return made

    @classmethod
    def open(cls, home: Path, dimension: int) -> Table:
        """The table in `home`. ValueError if its columns are others."""
        table = cls(home, dimension)
        table._table = _connect(home, table._session).open_table(TABLE_NAME)
        if table._table.schema.names != rows.schema(dimension).names:
            raise ValueError("the table has other columns")
        return table

    def lean(self) -> Table:
        """This table, without what it remembers of earlier versions, once that is much."""
        if self._session.approx_num_items > _MOST_REMEMBERED:  # takes microseconds
            version = self.version()
            if version - self._opened_at > _VERSIONS_REMEMBERED:
                session = lancedb.Session.default()
                # Other threads end what they have begun on the one that was open.
                self._table = _connect(self._home, session).open_table(TABLE_NAME)
                self._session, self._opened_at = session, version
        return self

    def verify(self, *, thorough: bool = False) -> None:
        """Raise if something is missing: touch every file's head, or read all there is."""
        query = self._table.search()
        for _ in (query if thorough else query.select(["part"])).to_batches():
            pass
        self.count(one_of("path", [""]))
        self.count(one_of("name_key", [""]))
        self.matching(["codesearch"], 1, ())
        if thorough:
            self.nearest(np.zeros(self._dimension, np.float32), 1, ())

    def replace(self, prepared: rows.Prepared) -> None:
        """Make these files hold these rows and no others, as one version."""
        theirs = one_of("path", prepared.paths)
        if prepared.data.num_rows == 0:
            self._table.delete(theirs)
        elif self.count(theirs) == 0:  # a quarter of a merge's time; vectors may be left out
            self._table.add(prepared.data, on_bad_vectors="null")
        else:
            data = rows.with_vectors(prepared.data, self._dimension)
            merge = self._table.merge_insert("id").when_matched_update_all()
            merge = merge.when_not_matched_insert_all().when_not_matched_by_source_delete(theirs)
            merge.execute(data, on_bad_vectors="null")  # null stands for "not encoded yet"

    def nearest(self, vector: Vector, limit: int, conditions: Iterable[str]) -> list[Found]:
        """The units whose best part is nearest to `vector`, with their cosines."""
        where = _all(conditions)
        wanted, everywhere = limit * _PARTS_GUESS, False
        while True:
            query = self._table.search(vector, vector_column_name="vector").distance_type("dot")
            # Without an upper bound, a filter that few rows pass still fills the answer, at six
            # times the price of a bounded search among a million.
            query = query.nprobes(_PROBES)
            if everywhere:
                query = query.maximum_nprobes(0)
            data = _run(query, where, wanted, [*rows.UNIT_COLUMNS, "id", "_distance"])
            best = _first_rows(data)
            if data.num_rows < wanted and where and not everywhere:
                everywhere = True
                continue
            if len(best) >= limit or data.num_rows < wanted:
                kept = data.take(pa.array(best[:limit], pa.int64()))
                scores = [1.0 - distance for distance in kept.column("_distance").to_pylist()]
                return _found(kept, scores)
            wanted *= 4

    def matching(self, words: Sequence[str], limit: int, conditions: Iterable[str]) -> list[Found]:
        """The units that hold any of `words`, by BM25."""
        text = to_stored(" ".join(words))
        query = self._table.search(MatchQuery(text, "words"), query_type="fts")
        data = _run(query, _all(conditions), limit, [*rows.UNIT_COLUMNS, "_score"])
        return _found(data, data.column("_score").to_pylist())

    def rows_matching(
        self, words: Sequence[str], limit: int, conditions: Iterable[str]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """As `matching`: the ids of the rows, and their scores."""
        text = to_stored(" ".join(words))
        query = self._table.search(MatchQuery(text, "words"), query_type="fts")
        data = _run(query.with_row_id(True), _all(conditions), limit, ["_score"])
        return _row_ids(data), data.column("_score").to_numpy()

    def named(self, typed: str, limit: int, conditions: Iterable[str]) -> list[Found]:
        """The units that `typed` names: same case first, then that very name, windows last."""
        keys = {rows.name_key(name) for name in (typed, *name_parts(typed)[-1:])}
        where = _all([_FIRST_PART, one_of("name_key", keys), *conditions])
        data = _run(self._table.search(), where, _MOST_NAMESAKES, list(rows.UNIT_COLUMNS))
        names = [from_stored(name) for name in data.column("name").to_pylist()]
        qualified = [from_stored(name) for name in data.column("qualified_name").to_pylist()]
        scores = [name_score(typed, *both) for both in zip(names, qualified, strict=True)]
        others = [typed not in both for both in zip(names, qualified, strict=True)]
        windows = [kind == Kind.WINDOW.value for kind in data.column("kind").to_pylist()]
        order = [at for at, score in enumerate(scores) if score > 0]
        order.sort(key=lambda at: (-scores[at], others[at], windows[at]))
        kept = data.take(pa.array(order[:limit], pa.int64()))
        return _found(kept, [scores[at] for at in order[:limit]])

    def units(self, path: str) -> list[StoredUnit]:
        """The units of one file, by position; an outer one before those inside it."""
        where = _all([_FIRST_PART, one_of("path", [path])])
        data = _run(self._table.search(), where, None, list(rows.UNIT_COLUMNS))
        return sorted(
            rows.to_units(data), key=lambda unit: (unit.span.start_byte, -unit.span.end_byte)
        )

    def vectors(self, unit_ids: Sequence[str]) -> dict[str, Vector]:
        """The vectors of units by their ids, (parts, dimension); units without any are left out."""
        ids = {rows.unit_key(unit_id): unit_id for unit_id in unit_ids}
        paths = {unit_id.partition("\0")[0] for unit_id in unit_ids}
        where = _all([one_of("path", paths), "vector IS NOT NULL"])
        data = _run(self._table.search(), where, None, ["id", "part", "vector"])
        keys = [rows.key_of_row(row_id) for row_id in data.column("id").to_pylist()]
        vectors = rows.to_vectors(data.column("vector"), self._dimension)
        places: dict[str, list[int]] = {}
        parts = data.column("part").to_pylist()
        for at in sorted(range(len(keys)), key=parts.__getitem__):
            if keys[at] in ids:
                places.setdefault(ids[keys[at]], []).append(at)
        return {unit_id: vectors[found] for unit_id, found in places.items()}

    def version(self) -> int:
        """The newest version's number: every write makes another."""
        return int(self._table.version)

    def row_ids(self) -> NDArray[np.int64]:
        """Of all rows. An id is never given to another row."""
        return _row_ids(_run(self._table.search().with_row_id(True), None, None, ["part"]))

    def rows(
        self, columns: Sequence[str], row_ids: NDArray[np.int64] | None = None
    ) -> pa.RecordBatchReader:
        """All rows, or those of `row_ids`: `columns`, vectors and their ids as `_rowid`."""
        wanted = [*columns, "vector"]
        if row_ids is None:
            return self._table.search().with_row_id(True).select(wanted).to_batches()
        taken = self._table.take_row_ids(row_ids.tolist()).select(wanted)
        return taken.with_row_id().to_arrow().to_reader()

    def names(self) -> tuple[str, ...]:
        """Every distinct name of what is defined somewhere."""
        defined = f"{_FIRST_PART} AND kind != '{Kind.WINDOW.value}'"
        names = _run(self._table.search(), defined, None, ["name"]).column("name").unique()
        return tuple(from_stored(name) for name in names.to_pylist())

    def paths(self, *, unencoded: bool = False) -> list[str]:
        """The files that have units, or those with a unit that misses a vector, sorted."""
        where = _UNENCODED if unencoded else _FIRST_PART
        data = _run(self._table.search(), where, None, ["path"])
        return sorted(from_stored(path) for path in data.column("path").unique().to_pylist())

    def counts(self) -> Counts:
        """Units, and those with all their vectors."""
        unencoded = self.count(_UNENCODED)
        units = self.count(_FIRST_PART)
        return Counts(units, max(0, units - unencoded))  # the two may see different versions

    def count(self, condition: str | None = None) -> int:
        """How many rows `condition` holds for."""
        return int(self._table.count_rows(condition))

    def count_vectors(self) -> int:
        """How many rows have a vector."""
        return self.count("vector IS NOT NULL")

    def fragments(self) -> int:
        """How many pieces the rows lie in; each write adds one, and slows vector search."""
        return int(self._table.stats()["fragment_stats"]["num_fragments"])

    def bytes(self) -> int:
        """What the newest version takes on disk, indexes included."""
        return int(self._table.stats()["total_bytes"])

    def unindexed_words(self) -> int:
        """Rows that word search has to read one by one."""
        statistics = self._table.index_stats("words_idx")
        return int(statistics.num_unindexed_rows) if statistics else self.count()

    def optimize(self, keep: timedelta) -> None:
        """Join fragments, bring the indexes up to date, remove versions older than `keep`.

        What a killed writer left behind goes too: the caller is the only writer.
        """
        self._table.optimize(cleanup_older_than=keep, delete_unverified=True)

    def train_vectors(self) -> None:
        """Make the vector index, or make it anew."""
        self._table.create_index("vector", config=IvfFlat(distance_type="dot"), replace=True)


def _connect(home: Path, session: lancedb.Session) -> Any:
    # An interval of zero: every read looks for a newer version first (0.3 ms). A stale
    # handle would not see another process's rows, and a stale writer would insert them twice.
    return lancedb.connect(home, session=session, read_consistency_interval=timedelta(0))


def _all(conditions: Iterable[str]) -> str | None:
    return " AND ".join(f"({condition})" for condition in conditions) or None


def _run(query: Any, where: str | None, limit: int | None, columns: list[str]) -> pa.Table:
    if where is not None:
        query = query.where(where)
    if limit is not None:
        query = query.limit(limit)
    return query.select(columns).to_arrow()


def _row_ids(data: pa.Table) -> NDArray[np.int64]:
    ids: NDArray[np.int64] = data.column("_rowid").to_numpy().astype(np.int64)
    return ids


def _first_rows(data: pa.Table) -> list[int]:
    """The places of the first, and so best, row of each unit."""
    first: dict[bytes, int] = {}
    for at, row_id in enumerate(data.column("id").to_pylist()):
        first.setdefault(rows.key_of_row(row_id), at)
    return list(first.values())


def _found(data: pa.Table, scores: Sequence[float]) -> list[Found]:
    units = rows.to_units(data)
    return [Found(unit, float(score)) for unit, score in zip(units, scores, strict=True)]
