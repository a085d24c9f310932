"""Vectors of texts that were encoded before, shared by all repositories of the user.

SQLite in write-ahead mode, so that any number of processes read and write at once. A cache may
be slow, small or absent but never in the way: whatever goes wrong is logged, and the text is
encoded again.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from codesearch.paths import embedding_cache_file, make_private

_log = logging.getLogger(__name__)

T = TypeVar("T")

_BUSY_MS = 10_000
_KEYS_A_QUERY = 500
_LEAST_EVICTED = 256  # rows, so that a small put does not evict one by one
_MOST_EVICTED = 20_000  # rows in one write, so that others do not wait long
_SECONDS_A_DAY = 86_400
# What no indexing has asked for in this time is of code that is gone, as far as anyone can tell.
_KEPT_DAYS = 180

_SCHEMA = """
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS vectors (
    id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, vector BLOB NOT NULL, day INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS vectors_by_day ON vectors (day);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


class EmbeddingCache:
    """(encoder fingerprint, text hash) -> vector. No method raises for the cache's own sake.

    Args:
        path: the database; by default the one that all repositories share.
        cache_mb: bound of its size in MiB; the vectors unused for longest go first. 0: no cache.
    """

    def __init__(self, path: Path | None = None, cache_mb: int = 2048) -> None:
        self._path = path or embedding_cache_file()
        self._bytes = cache_mb << 20
        self._lock = Lock()
        self._database: sqlite3.Connection | None = None
        self._file = self._path
        self._warned = False
        if cache_mb > 0:
            self._attempt(self._expire, None)
            self._attempt(self._shrink, None)

    def get(self, fingerprint: str, hashes: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The vectors known of `hashes`, (dimension,) each, to the precision of float16."""
        return self._attempt(lambda database: _get(database, fingerprint, hashes), {})

    def put(self, fingerprint: str, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """Keep `vectors` by text hash, as float16."""
        if vectors:
            self._attempt(lambda database: self._put(database, fingerprint, vectors), None)

    @property
    def puts(self) -> int:
        """Vectors ever given to `put`, by any process: equal to `rows` if none came twice."""
        query = "SELECT COALESCE(SUM(value), 0) FROM counters WHERE name = 'puts'"
        return self._attempt(lambda database: int(database.execute(query).fetchone()[0]), 0)

    @property
    def rows(self) -> int:
        """Vectors that are there."""
        query = "SELECT COUNT(*) FROM vectors"
        return self._attempt(lambda database: int(database.execute(query).fetchone()[0]), 0)

    def close(self) -> None:
        """Let go of the file. A later call opens it again."""
        with self._lock:
            self._disconnect()

    def _put(
        self,
        database: sqlite3.Connection,
        fingerprint: str,
        vectors: Mapping[str, NDArray[np.float32]],
    ) -> None:
        day = _today()
        rows = [
            (_key(fingerprint, name), vector.astype(np.float16).tobytes(), day)
            for name, vector in vectors.items()
        ]
        with database:
            database.execute("BEGIN IMMEDIATE")
            database.executemany(
                "INSERT INTO vectors (key, vector, day) VALUES (?, ?, ?) ON CONFLICT (key) "
                "DO UPDATE SET vector = excluded.vector, day = excluded.day",
                rows,
            )
            database.execute(
                "INSERT INTO counters VALUES ('puts', ?) ON CONFLICT (name) "
                "DO UPDATE SET value = value + excluded.value",
                (len(rows),),
            )
        self._shrink(database)

    @staticmethod
    def _expire(database: sqlite3.Connection) -> None:
        """Remove, in short writes, what was of use too long ago: deleted repositories."""
        sql = (
            "DELETE FROM vectors WHERE id IN"
            " (SELECT id FROM vectors WHERE day < ? ORDER BY day LIMIT ?)"
        )
        oldest = _today() - _KEPT_DAYS
        while database.execute(sql, (oldest, _MOST_EVICTED)).rowcount == _MOST_EVICTED:
            pass
        database.executescript("PRAGMA incremental_vacuum")

    def _shrink(self, database: sqlite3.Connection) -> None:
        """Evict, in short writes, until the bound is kept: it may be lower than the last time."""
        while (excess := _used_bytes(database) - self._bytes) > 0:
            with database:
                database.execute("BEGIN IMMEDIATE")
                if not _evict(database, excess):
                    break
        # As a script: `execute` takes one step of it, which gives back one page.
        database.executescript("PRAGMA incremental_vacuum")

    def _attempt(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """The outcome of `work`, or `otherwise` when the cache cannot be used now."""
        if self._bytes <= 0:
            return otherwise
        with self._lock:
            try:
                return self._recovering(work)
            except (OSError, sqlite3.Error) as error:
                self._disconnect()
                if not self._warned:
                    self._warned = True
                    _log.warning("embedding cache %s not used: %s", self._path, error)
                return otherwise

    def _recovering(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do `work`; if the file turns out damaged, once more in the next."""
        try:
            return work(self._connection())
        except sqlite3.OperationalError:  # busy, full, read-only: the file is sound
            raise
        except sqlite3.DatabaseError as error:
            self._leave(error)
            return work(self._connection())

    def _connection(self) -> sqlite3.Connection:
        if self._database is None:
            make_private(self._path.parent)
            self._file = self._newest()
            self._remove_damaged()
            self._file.touch(mode=0o600)
            self._database = sqlite3.connect(
                self._file, timeout=_BUSY_MS / 1000, isolation_level=None, check_same_thread=False
            )
            self._database.executescript(_SCHEMA)
            self._database.execute("PRAGMA synchronous = NORMAL")
            self._database.execute(f"PRAGMA journal_size_limit = {16 << 20}")
        return self._database

    def _disconnect(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def _leave(self, error: sqlite3.DatabaseError) -> None:
        """Leave a damaged file where it is and go on in the next generation.

        It is not replaced: other processes may have it open, and SQLite would apply the old
        file's log to a new file of the same name. A day later it is removed.
        """
        damaged = self._file
        self._disconnect()
        if self._newest() != damaged:  # another process found the damage first
            return
        generation = _generation(damaged) + 1
        self._path.with_suffix(f".{generation}{self._path.suffix}").touch(mode=0o600)
        _log.warning("embedding cache damaged (%s): begun anew; %s is left", error, damaged)

    def _remove_damaged(self) -> None:
        """Remove earlier generations, which count for nothing, once nobody can be in them.

        The day gives time to look at them, and to processes that still have them open.
        """
        newest = _generation(self._file)
        for file in (self._path, *self._generations()):
            if _generation(file) < newest and _is_old(file):
                for suffix in ("", "-wal", "-shm", "-journal"):
                    file.with_name(file.name + suffix).unlink(missing_ok=True)

    def _newest(self) -> Path:
        """The file of the last generation; the first has no number."""
        return max(self._generations(), key=_generation, default=self._path)

    def _generations(self) -> Iterator[Path]:
        """The files of later generations than the first."""
        found = self._path.parent.glob(f"{self._path.stem}.*{self._path.suffix}")
        return (file for file in found if _generation(file) > 0)


def _is_old(file: Path) -> bool:
    """Whether nothing has been written to `file` for a day."""
    try:
        return time.time() - file.stat().st_mtime > _SECONDS_A_DAY
    except OSError:  # not there, or gone meanwhile
        return False


def _generation(path: Path) -> int:
    number = path.stem.rpartition(".")[2]
    return int(number) if number.isdecimal() else 0


def _get(
    database: sqlite3.Connection, fingerprint: str, hashes: Sequence[str]
) -> dict[str, NDArray[np.float32]]:
    names = {_key(fingerprint, name): name for name in hashes}
    found: dict[str, NDArray[np.float32]] = {}
    stale: list[tuple[int, int]] = []
    today = _today()
    for keys in _chunks(list(names)):
        marks = ",".join("?" * len(keys))
        query = f"SELECT id, key, vector, day FROM vectors WHERE key IN ({marks})"  # noqa: S608
        for row, key, vector, day in database.execute(query, keys):
            found[names[key]] = np.frombuffer(vector, dtype=np.float16).astype(np.float32)
            if day != today:
                stale.append((today, row))
    if stale:
        _mark_used(database, stale)
    return found


def _mark_used(database: sqlite3.Connection, rows: list[tuple[int, int]]) -> None:
    """Move rows to today; at most once a day each, so that reading stays reading."""
    try:
        with database:
            database.execute("BEGIN IMMEDIATE")
            database.executemany("UPDATE vectors SET day = ? WHERE id = ?", rows)
    except sqlite3.OperationalError as error:
        _log.debug("embedding cache: use not noted: %s", error)


def _used_bytes(database: sqlite3.Connection) -> int:
    pages, free, size = (
        int(database.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


def _evict(database: sqlite3.Connection, excess: int) -> int:
    """Remove the rows unused for longest, about `excess` bytes of them; returns how many."""
    average = "SELECT COALESCE(AVG(LENGTH(vector)), 1) FROM (SELECT vector FROM vectors LIMIT 100)"
    row_bytes = max(1.0, float(database.execute(average).fetchone()[0]))
    rows = min(_MOST_EVICTED, max(_LEAST_EVICTED, round(excess / row_bytes)))
    return database.execute(
        "DELETE FROM vectors WHERE id IN (SELECT id FROM vectors ORDER BY day, id LIMIT ?)",
        (rows,),
    ).rowcount


def _chunks(keys: list[bytes]) -> Iterator[list[bytes]]:
    for start in range(0, len(keys), _KEYS_A_QUERY):
        yield keys[start : start + _KEYS_A_QUERY]


def _key(fingerprint: str, name: str) -> bytes:
    return hashlib.blake2b(f"{fingerprint}\0{name}".encode(), digest_size=16).digest()


def _today() -> int:
    return int(time.time()) // _SECONDS_A_DAY
