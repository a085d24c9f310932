"""The only room that knows LanceDB: schema, upsert, delete, indexes, compaction, locks.

Importing this package loads neither lancedb nor pyarrow; opening an index does. LanceDB
starts threads, so a process that has opened an index must never fork.
"""

from codesearch.store.index import Index
from codesearch.store.lean import lean_import
from codesearch.store.locks import ProcessLock, holder_pid
from codesearch.store.manifest import FileRecord, Manifest
from codesearch.store.values import Counts, Filters, Found, IndexedUnit, StoredUnit


def preload() -> None:
    """Load LanceDB, so that the first opening of an index does not have to: half a second."""
    with lean_import():
        from codesearch.store import table  # noqa: F401


__all__ = [
    "Counts",
    "FileRecord",
    "Filters",
    "Found",
    "Index",
    "IndexedUnit",
    "Manifest",
    "ProcessLock",
    "StoredUnit",
    "holder_pid",
    "preload",
]
