"""What the index knows of each file: a SQLite file beside the table.

Data first, manifest second: a file is recorded after its rows are written, so a kill between
the two repeats the file. A manifest that cannot be read is thrown away, and the writer reads
every file again.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codesearch.errors import StoreDamagedError, StoreError
from codesearch.paths import index_home
from codesearch.store.layout import MANIFEST_FILE, private_home, remove_manifest, storage_error
from codesearch.types import SkipReason

_log = logging.getLogger(__name__)
_FORMAT = 2
_BUSY_SECONDS = 10.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
    path BLOB PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    content_hash TEXT NOT NULL, language TEXT NOT NULL, units INTEGER NOT NULL,
    skipped TEXT, problems INTEGER NOT NULL, ctime_ns INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file as it was when its units were written, or why it has none."""

    path: str  # relative to the root; may hold surrogate escapes
    size: int  # bytes
    mtime_ns: int
    content_hash: str
    language: str
    units: int
    skipped: SkipReason | None = None
    problems: int = 0
    ctime_ns: int = 0  # of the last change to content, name or mode: nobody can set it


class Manifest:
    """The files of one index. Safe for several threads.

    Methods raise StoreError, and StoreDamagedError when opening it again would make it anew.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._mutex = threading.Lock()

    @classmethod
    def open(cls, root: Path) -> Manifest:
        """The manifest of `root`, empty when there was none or none that can be read.

        For the writer alone, which opens its `Index` first: that throws the manifest away
        with a table that has to be rebuilt.
        """
        home = private_home(root)
        try:
            return cls(_connect(home / MANIFEST_FILE))
        except sqlite3.OperationalError as error:  # busy, forbidden, full: not its own fault
            raise storage_error(f"cannot open the manifest of {root}", error) from error
        except (sqlite3.DatabaseError, ValueError) as error:
            _log.warning("manifest of %s is made anew: %s", root, error)
        try:
            remove_manifest(home)
            return cls(_connect(home / MANIFEST_FILE))
        except (sqlite3.Error, OSError) as error:
            raise storage_error(f"cannot create the manifest of {root}", error) from error

    @classmethod
    def peek(cls, root: Path) -> Manifest:
        """The manifest of `root` as it is, to read only, for anyone.

        StoreError when there is none, or none that can be read.
        """
        try:
            uri = f"{(index_home(root) / MANIFEST_FILE).as_uri()}?mode=ro"
            return cls(sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS))
        except sqlite3.Error as error:
            raise storage_error(f"cannot open the manifest of {root}", error) from error

    def files(self) -> dict[str, FileRecord]:
        """Every recorded file by its path."""
        rows = self._read(
            "SELECT path, size, mtime_ns, content_hash, language, units, skipped, problems,"
            " ctime_ns FROM files"
        )
        return {record.path: record for record in map(_to_record, rows)}

    def record(self, records: Iterable[FileRecord]) -> None:
        """Add or replace `records`, all or none."""
        with self._transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [_to_row(record) for record in records],
            )

    def forget(self, paths: Iterable[str]) -> None:
        """Remove the records of `paths`, all or none; unknown ones are passed over."""
        with self._transaction() as connection:
            connection.executemany(
                "DELETE FROM files WHERE path = ?", [(_to_blob(path),) for path in paths]
            )

    def counters(self) -> dict[str, int]:
        """Every counter that was ever added to."""
        return dict(self._read("SELECT * FROM counters"))

    def add(self, **amounts: int) -> None:
        """Add to counters by name, which start at 0: `add(texts_encoded=64, cache_hits=3)`."""
        with self._transaction() as connection:
            connection.executemany(
                "INSERT INTO counters VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
                list(amounts.items()),
            )

    def meta(self) -> dict[str, str]:
        """Free texts that the writer keeps, by key."""
        return dict(self._read("SELECT * FROM meta"))

    def set_meta(self, **texts: str) -> None:
        """Keep free texts by key."""
        with self._transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(texts.items()))

    def close(self) -> None:
        """Let go of the file."""
        with self._mutex:
            self._connection.close()

    def _read(self, sql: str) -> list[tuple[Any, ...]]:
        with self._mutex:
            try:
                return self._connection.execute(sql).fetchall()
            except sqlite3.Error as error:
                raise _judged("cannot read the manifest", error) from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._mutex:
            try:
                with self._connection:
                    yield self._connection
            except sqlite3.Error as error:
                raise _judged("cannot write the manifest", error) from error


def _judged(what: str, error: sqlite3.Error) -> StoreError:
    if type(error) is sqlite3.DatabaseError:  # its subclasses are other faults
        return StoreDamagedError(f"{what}: {error}", "It is made anew when it is next opened.")
    return storage_error(what, error)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False)
    try:
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    path.chmod(0o600)
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    # A power cut may lose the last records, which repeats their files: harmless.
    connection.execute("PRAGMA synchronous=NORMAL")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version not in (0, _FORMAT):
        raise ValueError(f"format {version} instead of {_FORMAT}")
    connection.executescript(_SCHEMA)
    connection.execute(f"PRAGMA user_version={_FORMAT}")
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise ValueError("its pages are damaged")


def _to_blob(path: str) -> bytes:
    return path.encode("utf-8", "surrogatepass")


def _to_row(record: FileRecord) -> tuple[object, ...]:
    return (
        _to_blob(record.path),
        record.size,
        record.mtime_ns,
        record.content_hash,
        record.language,
        record.units,
        record.skipped.value if record.skipped else None,
        record.problems,
        record.ctime_ns,
    )


def _to_record(row: tuple[Any, ...]) -> FileRecord:
    path, size, mtime_ns, content_hash, language, units, skipped, problems, ctime_ns = row
    return FileRecord(
        path.decode("utf-8", "surrogatepass"),
        size,
        mtime_ns,
        content_hash,
        language,
        units,
        SkipReason(skipped) if skipped is not None else None,
        problems,
        ctime_ns,
    )
