"""One root's index: opening, rebuilding and looking after the table."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from codesearch.errors import StoreDamagedError, StoreError
from codesearch.paths import index_home
from codesearch.store import layout, seals
from codesearch.store.attempt import TableError, attempt
from codesearch.store.filters import to_sql
from codesearch.store.layout import storage_error
from codesearch.store.opening import NOT_INDEXED, Handle, damage, open_or_rebuild, open_to_read
from codesearch.store.values import (
    IN_MEMORY_ROWS,
    NO_FILTERS,
    Counts,
    Filters,
    Found,
    IndexedUnit,
    StoredUnit,
    Vector,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from codesearch.store.reading import Newest, Reading
    from codesearch.store.rows import Prepared
    from codesearch.store.table import Table

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

# Old versions stay this long, so that a search that has begun on one can end on it. One that takes
# longer fails, and is tried again on the newest. All rows may be written anew every minute while
# an index is made, so each second costs disk.
KEEP_VERSIONS = timedelta(seconds=30)
# `tidy` keeps none, or what it has just written anew would stay twice: it is called when much was
# written for long, or nothing for a while. (LanceDB warns of a zero.)
_TIDY_VERSIONS = timedelta(milliseconds=1)
# What old versions hold beyond the newest before it is worth writing everything anew to be rid of.
_WASTE_SHARE = 0.15
_WASTE_BYTES = 4_000_000
# Each write adds a fragment, which slows vector search a little; joining them rewrites the
# whole table. So a big table takes more writes before it is worth it.
_WRITES_BEFORE_JOIN = 20
_ROWS_A_FURTHER_WRITE = 5_000
# Rows outside the word index cost 4 ms of a search a thousand. While an index grows, the
# bound grows with it, or the rows would be rewritten time and again.
_UNINDEXED_ROWS = 5_000
_UNINDEXED_SHARE = 0.25
# At rest nothing waits for the writing (a second for 70,000 rows, since fragments are joined too),
# and every question is the quicker.
_UNINDEXED_AT_REST = 250
_UNINDEXED_SHARE_AT_REST = 0.005
# Below, readers compare every vector in memory.
_VECTOR_INDEX_ROWS = IN_MEMORY_ROWS
_ATTEMPTS = 3


class Index:
    """The units of one root, with their words and vectors. Safe for several threads.

    At most one process may hold it `writable` at a time: the caller holds the writer's lock.
    Readers see each change at once and survive a rebuild by reopening. Every method raises
    StoreError when the index cannot be used, StoreDamagedError when it has to be rebuilt,
    which the next writable `open` does.
    """

    def __init__(self, home: Path, handle: Handle, *, root: Path, writable: bool) -> None:
        """For `open` alone."""
        self._home = home
        self._root = root
        self._writable = writable
        self._fingerprint = handle.meta.fingerprint
        self._dimension = handle.meta.dimension
        self._handle: Handle | None = handle
        self._handle_mutex = threading.Lock()
        self._write_mutex = threading.Lock()
        self._writes = 0
        self._untidy = True  # whoever wrote last may have had no rest
        self._newest: Newest | None = None

    @classmethod
    def open(cls, root: Path, *, fingerprint: str, dimension: int, writable: bool = False) -> Index:
        """The index of `root` for one encoder: its fingerprint and vectors' length.

        A writer makes it if there is none, and makes it anew (manifest included) if it was
        made with another encoder or format, or is damaged. A reader gets a StoreError then.
        """
        if writable:
            home = layout.private_home(root)
            handle = open_or_rebuild(home, root, fingerprint, dimension)
        else:
            home = index_home(root)
            handle = open_to_read(home, root, fingerprint, dimension)
        return cls(home, handle, root=root, writable=writable)

    @staticmethod
    def stands(root: Path, *, fingerprint: str, dimension: int) -> bool:
        """Whether there is an index of `root` for this encoder; LanceDB is not loaded for that."""
        home = index_home(root)
        try:
            meta = layout.read_meta(home)
        except StoreError:
            return False
        return meta is not None and meta.matches(fingerprint, dimension) and layout.has_table(home)

    @staticmethod
    def is_sound(root: Path) -> bool:
        """Whether the table of `root` holds what was written. All of it is read, by no LanceDB."""
        try:
            seals.check(index_home(root))
        except (StoreDamagedError, OSError):
            return False
        return True

    def replace_files(self, files: Mapping[str, Sequence[IndexedUnit]]) -> None:
        """Make each of these files hold exactly these units: all files in one version.

        A file without units loses its rows. After an error nothing has changed. ValueError if
        a unit is of another file, or a vector of another length.
        """
        self._check(files)
        from codesearch.store.rows import prepare

        self.replace_prepared(prepare(files))

    def replace_prepared(self, prepared: Prepared) -> None:
        """As `replace_files`, with rows that were made elsewhere, without vectors or sound ones."""
        if not prepared.paths:
            return

        def replace(table: Table) -> None:
            table.replace(prepared)
            seals.renew(self._home)
            self._writes += 1
            self._untidy = True

        self._write(replace, "cannot write the index")

    def search_vectors(
        self, vector: ArrayLike, limit: int, where: Filters = NO_FILTERS
    ) -> list[Found]:
        """The units nearest to a unit-norm vector, best first, each by its best part."""
        import numpy as np  # a command that finds nothing changed gets by without it

        query = np.asarray(vector, np.float32)
        if query.shape != (self._dimension,):
            raise ValueError(f"a vector of shape {query.shape} instead of ({self._dimension},)")
        conditions = to_sql(where)
        if limit < 1:
            return []
        return self._read(lambda table: table.nearest(query, limit, conditions))

    def search_words(
        self, words: Sequence[str], limit: int, where: Filters = NO_FILTERS
    ) -> list[Found]:
        """The units that hold any of `words`, best BM25 score first.

        Words are as `split_words` gives them, or whole identifiers.
        """
        conditions = to_sql(where)
        if limit < 1 or not any(word.strip() for word in words):
            return []
        return self._read(lambda table: table.matching(words, limit, conditions))

    def find_names(self, name: str, limit: int, where: Filters = NO_FILTERS) -> list[Found]:
        """The units of exactly this name, same case first.

        With a class or module before it (`Foo.bar`, `Foo::bar`, `Foo#bar`), the qualified
        name has to end so, whatever its own separators.
        """
        conditions = to_sql(where)
        return self._read(lambda table: table.named(name.strip(), limit, conditions))

    def now(self) -> Index | Reading:
        """What to ask several things of: the newest version, whoever wrote it.

        It is held in memory from the second question on, unless it is too large; until then each
        question goes to the table.
        """
        from codesearch.store.reading import Newest

        newest = self._newest = self._newest or Newest(self, self._read)
        return self._read(newest.of)

    def names(self) -> tuple[str, ...]:
        """Every distinct name of what is defined somewhere; none where those are too many."""
        return self._read(lambda table: table.names() if table.count() <= IN_MEMORY_ROWS else ())

    def units_at(self, path: str) -> list[StoredUnit]:
        """The units of one file, by position."""
        return self._read(lambda table: table.units(path))

    def vectors_of(self, unit_ids: Iterable[str]) -> dict[str, Vector]:
        """The vectors of units, (parts, dimension) each; those without any are left out."""
        ids = list(unit_ids)
        return self._read(lambda table: table.vectors(ids)) if ids else {}

    def paths(self) -> list[str]:
        """The files that have units, sorted.

        A writer that was killed may have left some that its manifest does not know.
        """
        return self._read(lambda table: table.paths())

    def unencoded_paths(self) -> list[str]:
        """The files with a unit that misses a vector, sorted."""
        return self._read(lambda table: table.paths(unencoded=True))

    def counts(self) -> Counts:
        """Units in the index, and those with all their vectors."""
        return self._read(lambda table: table.counts())

    def maintain(self, *, force: bool = False) -> None:
        """Join fragments, fold new rows into the indexes and remove old versions, when due.

        Cheap when nothing is due, so the writer calls it after each write. Versions stay for
        `KEEP_VERSIONS`: see `tidy`.
        """
        if force or self._write(self._is_due, "cannot read the index"):
            self._write(self._optimize, "cannot compact the index")
            self._write(self._train, "cannot build the vector index")

    def tidy(self) -> None:
        """Give back the disk that old versions hold, and index the last words, if that is much.

        `maintain` leaves what was written in the last seconds; this is for a moment of rest.
        """
        if self._untidy and self._write(self._is_untidy, "cannot read the index"):
            self._write(
                lambda table: self._optimize(table, _TIDY_VERSIONS), "cannot compact the index"
            )
        self._untidy = False

    @property
    def untidy(self) -> bool:
        """Whether something was written since the last `tidy`."""
        return self._untidy

    def close(self) -> None:
        """Let go of the table. Further calls raise StoreError."""
        with self._handle_mutex:
            self._handle = None
        self._newest = None

    def _check(self, files: Mapping[str, Sequence[IndexedUnit]]) -> None:
        for path, units in files.items():
            for indexed in units:
                if indexed.unit.path != path:
                    raise ValueError(f"a unit of {indexed.unit.path!r} given for {path!r}")
                for vector in indexed.vectors:
                    if vector is not None and vector.shape != (self._dimension,):
                        raise ValueError(f"a vector of shape {vector.shape} in {path!r}")

    def _is_due(self, table: Table) -> bool:
        if self._writes == 0:
            return False
        rows = table.count()
        allowed = _WRITES_BEFORE_JOIN + rows // _ROWS_A_FURTHER_WRITE
        if max(self._writes, table.fragments()) >= allowed:
            return True
        return table.unindexed_words() >= max(_UNINDEXED_ROWS, rows * _UNINDEXED_SHARE)

    def _is_untidy(self, table: Table) -> bool:
        rows = table.count()
        if table.unindexed_words() >= max(_UNINDEXED_AT_REST, rows * _UNINDEXED_SHARE_AT_REST):
            return True
        live = table.bytes()
        waste = layout.table_bytes(self._home) - live
        return waste > max(_WASTE_BYTES, _WASTE_SHARE * live)

    def _optimize(self, table: Table, keep: timedelta | None = None) -> None:
        table.lean().optimize(KEEP_VERSIONS if keep is None else keep)
        seals.renew(self._home)
        self._writes = 0

    def _train(self, table: Table) -> None:
        """Make the vector index when it pays, and anew when the table has doubled."""
        meta = self._current().meta
        vectors = table.count_vectors()
        if vectors < max(_VECTOR_INDEX_ROWS, 2 * meta.trained_rows):
            return
        table.train_vectors()
        seals.renew(self._home)
        layout.write_meta(self._home, meta.trained(vectors))
        self._reopen()

    def _current(self) -> Handle:
        """The open handle; reopened when another process has rebuilt the index."""
        with self._handle_mutex:
            handle = self._handle
        if handle is None:
            raise StoreError("the index is closed")
        if layout.meta_stamp(self._home) == handle.stamp:
            return handle
        return self._distrusted(handle) if self._writable else self._reopen()

    def _distrusted(self, handle: Handle) -> Handle:
        """The writer's handle, unless a reader has met damage: then it is to be rebuilt."""
        meta = layout.read_meta(self._home)
        if meta is not None and meta.damaged:
            raise StoreDamagedError(f"the index of {self._root} is damaged", NOT_INDEXED)
        return handle

    def _reopen(self) -> Handle:
        handle = open_to_read(self._home, self._root, self._fingerprint, self._dimension)
        with self._handle_mutex:
            if self._handle is None:
                raise StoreError("the index is closed")
            self._handle = handle
        return handle

    def _read(self, action: Callable[[Table], _T]) -> _T:
        try:
            return attempt(lambda table: action(table.lean()), self._current().table)
        except TableError as error:
            _log.info("reopening the index of %s: %s", self._root, error)
        # The files may have gone under an old handle; a new one tells whether it was that.
        handle = self._reopen()
        try:
            return attempt(action, handle.table)
        except TableError as error:
            raise self._judged("cannot read the index", error, handle) from error

    def _write(self, action: Callable[[Table], _T], what: str) -> _T:
        if not self._writable:
            raise StoreError("the index was opened to be read only")
        with self._write_mutex:
            for trial in range(1, _ATTEMPTS + 1):
                handle = self._current()
                try:
                    return attempt(action, handle.table)
                except TableError as error:
                    if trial == _ATTEMPTS or "conflict" not in str(error).lower():
                        raise self._judged(what, error, handle) from error
                    _log.info("%s, trying again: %s", what, error)
            raise AssertionError("unreachable")

    def _judged(self, what: str, error: Exception, handle: Handle) -> StoreError:
        """The error to raise: damage only if the table cannot be read through."""
        if not layout.is_refusal(error):
            try:
                attempt(lambda table: table.verify(thorough=True), handle.table)
            except TableError as found:
                if not layout.is_refusal(found):
                    stamp = layout.meta_stamp(self._home) if self._writable else handle.stamp
                    return damage(self._home, self._root, found, stamp)
        return storage_error(what, error)
