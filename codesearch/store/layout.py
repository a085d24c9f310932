"""The files of one index on disk, and `meta.json`, which says what they hold.

    indexes/NAME-HASH/  meta.json  table.lance/  seals.json  manifest.db

`meta.json` is written last and removed first: where it stands, the table was complete.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import uuid
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from codesearch.errors import StoreDamagedError, StoreError
from codesearch.paths import index_home, make_private, replace_file

FORMAT = 1  # of the table's columns and of meta.json; another one means "rebuild"
TABLE_NAME = "table"
META_FILE = "meta.json"
MANIFEST_FILE = "manifest.db"
SEALS_FILE = "seals.json"

# How the operating system, LanceDB and SQLite say so; "too large" is a quota of the process.
_NO_SPACE = (
    "No space left",
    "os error 28)",
    "Disk quota",
    "File too large",
    "os error 27)",
    "database or disk is full",
)
_NOT_ALLOWED = (
    "Permission denied",
    "os error 13)",
    "Read-only file system",
    "os error 30)",
    "readonly database",
    "unable to open database file",
)
_NOT_NOW = ("Too many open files", "os error 24)", "Cannot allocate memory", "os error 12)")

Stamp = tuple[int, int, int]  # of one state of meta.json: inode, time of change, size


@dataclass(frozen=True, slots=True)
class Meta:
    """What an index was built with."""

    fingerprint: str
    dimension: int
    root: str
    format: int = FORMAT
    generation: str = field(default_factory=lambda: uuid.uuid4().hex)  # another one a rebuild
    trained_rows: int = 0  # rows with vectors when the vector index was trained; 0: none

    damaged: bool = False  # somebody met damage in the table

    def matches(self, fingerprint: str, dimension: int) -> bool:
        """Whether the index can be used with these."""
        mine = (self.format, self.fingerprint, self.dimension)
        return mine == (FORMAT, fingerprint, dimension) and not self.damaged

    def trained(self, rows: int) -> Meta:
        """The same index with its vector index trained on `rows` rows."""
        return replace(self, trained_rows=rows)


def private_home(root: Path) -> Path:
    """The folder of `root`'s index, made if need be, for its owner alone."""
    home = index_home(root)
    try:
        return make_private(home)
    except OSError as error:
        raise storage_error(f"cannot create {home}", error) from error


def read_meta(home: Path) -> Meta | None:
    """What `meta.json` says; None when there is none, StoreDamagedError when it is garbled."""
    try:
        values = json.loads((home / META_FILE).read_text(encoding="utf-8"))
        meta = Meta(**values)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise StoreDamagedError(f"{home / META_FILE} is damaged: {error}") from error
    except OSError as error:
        raise storage_error(f"cannot read {home / META_FILE}", error) from error
    return meta


def write_meta(home: Path, meta: Meta) -> None:
    """Replace `meta.json` in one step."""
    try:
        replace_file(home / META_FILE, json.dumps(asdict(meta)), durable=True)
    except OSError as error:
        raise storage_error(f"cannot write {home / META_FILE}", error) from error


def meta_stamp(home: Path) -> Stamp | None:
    """Changes whenever `meta.json` does; costs microseconds."""
    try:
        status = (home / META_FILE).stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def has_table(home: Path) -> bool:
    """Whether there is a table, good or bad."""
    return (home / f"{TABLE_NAME}.lance").is_dir()


def table_bytes(home: Path) -> int:
    """What all versions of the table take on disk."""
    found = 0
    for at, _, names in os.walk(home / f"{TABLE_NAME}.lance"):
        for name in names:
            with contextlib.suppress(FileNotFoundError):  # removed meanwhile
                found += (Path(at) / name).stat().st_size
    return found


def distrust(home: Path) -> None:
    """Make the next writer rebuild the index."""
    (home / META_FILE).unlink(missing_ok=True)


def mark_damaged(home: Path) -> None:
    """Make the next writer rebuild the index, and tell readers until then."""
    meta = read_meta(home)
    if meta is not None:
        write_meta(home, replace(meta, damaged=True))


def wipe(home: Path) -> None:
    """Remove table and manifest; locks, logs and requests stay."""
    try:
        distrust(home)
        table = home / f"{TABLE_NAME}.lance"
        if table.is_dir() and not table.is_symlink():
            shutil.rmtree(table)
        else:
            table.unlink(missing_ok=True)
        (home / SEALS_FILE).unlink(missing_ok=True)
        remove_manifest(home)
    except OSError as error:
        raise storage_error(f"cannot remove the old index in {home}", error) from error


def remove_manifest(home: Path) -> None:
    """Remove the manifest with its journal files."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        (home / f"{MANIFEST_FILE}{suffix}").unlink(missing_ok=True)


def is_refusal(error: BaseException) -> bool:
    """Whether the system refused what was asked, which says nothing about the index."""
    text = str(error)
    marks = (*_NO_SPACE, *_NOT_ALLOWED, *_NOT_NOW)
    return isinstance(error, MemoryError) or any(mark in text for mark in marks)


def storage_error(what: str, error: BaseException) -> StoreError:
    """The error to raise for one of the disk, of SQLite or of LanceDB, with what to do."""
    text = str(error)
    short = text.strip().splitlines()[0][:300] if text.strip() else type(error).__name__
    if any(mark in text for mark in _NO_SPACE):
        return StoreError(
            f"{what}: the disk is full",
            "Free some space, or set CODESEARCH_CACHE_DIR to another disk. Nothing was lost.",
        )
    if any(mark in text for mark in _NOT_ALLOWED):
        return StoreError(
            f"{what}: {short}",
            "Make the folder writable, or set CODESEARCH_CACHE_DIR to one that is.",
        )
    return StoreError(f"{what}: {short}", "Run `codesearch doctor`.")
