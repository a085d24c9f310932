"""One version of an index, for all that one question asks of it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from codesearch.store.filters import to_sql
from codesearch.store.snapshot import Snapshot
from codesearch.store.values import (
    IN_MEMORY_ROWS,
    NO_FILTERS,
    Counts,
    Filters,
    Found,
    StoredUnit,
    Vector,
)

if TYPE_CHECKING:
    from codesearch.store.index import Index
    from codesearch.store.table import Table

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

# Answers remembered: a question is asked again when one more letter was typed and taken
# back, when more hits are wanted, or when its last word is not finished yet.
_REMEMBERED = 16


class Read(Protocol):
    """How an index reads its table: its errors made sense of, and opened anew if need be."""

    def __call__(self, action: Callable[[Table], _T]) -> _T: ...


class Newest:
    """Keeps the newest version of an index in memory, once that pays. Safe for several threads.

    Reading all of it takes several questions' time. So a process that asks only once goes to the
    table, and so does everyone while a thread reads it.
    """

    def __init__(self, index: Index, read: Read) -> None:
        self._index = index
        self._read = read
        self._mutex = threading.Lock()
        self._table: Table | None = None
        self._held: Reading | None = None
        self._asked = False
        self._loading = False

    def of(self, table: Table) -> Index | Reading:
        """The newest version of `table`; the index itself while, or if, it is not in memory."""
        with self._mutex:
            if table is not self._table:
                self._table, self._held = table, None
            if self._held is not None:
                self._held = self._followed(self._held, table)
            if self._held is None and self._asked and not self._loading:
                self._begin(table)
            self._asked = True
            return self._held or self._index

    def _followed(self, held: Reading, table: Table) -> Reading | None:
        """What is held with all that was written since; None if too little of it is left."""
        version = table.version()
        if held.snapshot.version == version:
            return held
        if table.count() > IN_MEMORY_ROWS:
            return None
        newer = held.snapshot.followed(version, table)
        return None if newer is None else Reading(self._index, self._read, newer)

    def _begin(self, table: Table) -> None:
        if table.count() <= IN_MEMORY_ROWS:
            self._loading = True
            # Not a daemon: a process that ends while native code reads would abort.
            threading.Thread(target=self._load, args=(table,), name="index-load").start()

    def _load(self, table: Table) -> None:
        held = None
        try:
            held = Reading(self._index, self._read, Snapshot.read(table))
        except Exception as error:  # the next question meets it in the table, and tells of it
            _log.info("the index was not read into memory: %s", error)
        with self._mutex:
            self._loading = False
            if table is self._table:
                self._held = held


class Reading:
    """What `Index` answers, of the version that was the newest when the question came.

    Vectors, names and units are in memory; words are searched in the table. Safe for several
    threads. It raises what `Index` raises.
    """

    def __init__(self, index: Index, read: Read, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._index = index
        self._read = read
        self._remembered: dict[Hashable, list[Found]] = {}

    def search_vectors(
        self, vector: ArrayLike, limit: int, where: Filters = NO_FILTERS
    ) -> list[Found]:
        """The units nearest to a unit-norm vector, best first, each by its best part."""
        query = np.asarray(vector, np.float32)
        if limit < 1:
            return []
        return self._once(
            ("vector", query.tobytes(), limit, where),
            lambda: self.snapshot.nearest(query, limit, where),
        )

    def search_words(
        self, words: Sequence[str], limit: int, where: Filters = NO_FILTERS
    ) -> list[Found]:
        """The units that hold any of `words`, best BM25 score first."""
        return self._once(
            ("words", tuple(words), limit, where), lambda: self._matching(words, limit, where)
        )

    def find_names(self, name: str, limit: int, where: Filters = NO_FILTERS) -> list[Found]:
        """The units of exactly this name, same case first."""
        return self.snapshot.named(name.strip(), limit, where)

    def names(self) -> tuple[str, ...]:
        """Every distinct name of what is defined somewhere."""
        return self.snapshot.names

    def units_at(self, path: str) -> list[StoredUnit]:
        """The units of one file, by position."""
        return self.snapshot.units(path)

    def vectors_of(self, unit_ids: Iterable[str]) -> dict[str, Vector]:
        """The vectors of units, (parts, dimension) each; those without any are left out."""
        return self._index.vectors_of(unit_ids)

    def counts(self) -> Counts:
        """Units in the index, and those with all their vectors."""
        return self.snapshot.counts

    def _once(self, key: Hashable, ask: Callable[[], list[Found]]) -> list[Found]:
        found = self._remembered.get(key)
        if found is None:
            found = ask()
            if len(self._remembered) >= _REMEMBERED:
                self._remembered = {}
            self._remembered[key] = found
        return list(found)

    def _matching(self, words: Sequence[str], limit: int, where: Filters) -> list[Found]:
        if limit < 1 or not any(word.strip() for word in words):
            return []
        conditions = to_sql(where)
        row_ids, scores = self._read(lambda table: table.rows_matching(words, limit, conditions))
        if self.snapshot.holds(row_ids):
            return self.snapshot.at(row_ids, scores)
        # Written meanwhile, or rewritten: the rows are those of a newer version.
        newer = self._index.now()
        if isinstance(newer, Reading):
            return newer.snapshot.at(row_ids, scores)
        return newer.search_words(words, limit, where)
