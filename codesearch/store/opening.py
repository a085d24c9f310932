"""Opening the table of one root, or making it anew where it cannot be used."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codesearch.errors import StoreDamagedError, StoreError
from codesearch.store import layout, seals
from codesearch.store.attempt import TableError, attempt
from codesearch.store.layout import Meta, Stamp, storage_error
from codesearch.store.lean import lean_import

if TYPE_CHECKING:
    from codesearch.store.table import Table

_log = logging.getLogger(__name__)

NOT_INDEXED = "Run `codesearch warmup`, or open the folder in an editor with codesearch."


@dataclass(frozen=True, slots=True)
class Handle:
    """An open table, with what `meta.json` said when it was opened."""

    table: Table
    meta: Meta
    stamp: Stamp | None


class _NoIndexError(StoreError):
    """There is none, or it was made for something else."""


def damage(home: Path, root: Path, error: Exception, stamp: Stamp | None) -> StoreDamagedError:
    """The error to raise for a damaged index, which is no longer trusted from here on.

    `stamp` is that of the `meta.json` it was opened with: if there is another one by now, the
    index has been rebuilt meanwhile, and the new one is sound.
    """
    if stamp == layout.meta_stamp(home):
        with contextlib.suppress(StoreError):  # whoever may only read can only tell
            layout.mark_damaged(home)
    return StoreDamagedError(f"the index of {root} is damaged: {error}", NOT_INDEXED)


def open_to_read(home: Path, root: Path, fingerprint: str, dimension: int) -> Handle:
    """The index as it is. StoreError if there is none, or it was made for something else."""
    stamp = layout.meta_stamp(home)
    meta = layout.read_meta(home)
    if meta is None:
        raise _NoIndexError(f"{root} is not indexed yet", NOT_INDEXED)
    if meta.damaged:
        raise StoreDamagedError(f"the index of {root} is damaged", NOT_INDEXED)
    if not meta.matches(fingerprint, dimension):
        raise _NoIndexError(f"{root} was indexed with another encoder or version", NOT_INDEXED)
    return Handle(_open_table(home, root, dimension, stamp), meta, stamp)


def _open_table(home: Path, root: Path, dimension: int, stamp: Stamp | None) -> Table:
    with lean_import():
        from codesearch.store.table import Table

    if not layout.has_table(home):  # LanceDB would look for it for two seconds
        raise damage(home, root, FileNotFoundError("its table is missing"), stamp)
    try:
        table = Table.open(home, dimension)
        table.count()
    except Exception as error:
        if layout.is_refusal(error):
            raise storage_error(f"cannot open the index of {root}", error) from error
        raise damage(home, root, error, stamp) from error
    return table


def open_or_rebuild(home: Path, root: Path, fingerprint: str, dimension: int) -> Handle:
    """The index for its writer: made anew if there is none that is sound and made for these."""
    try:
        handle = open_to_read(home, root, fingerprint, dimension)
        attempt(lambda table: table.verify(), handle.table)
        seals.check(home)
        seals.renew(home)
    except (_NoIndexError, StoreDamagedError, TableError, OSError) as error:
        if layout.is_refusal(error):
            raise storage_error(f"cannot open the index of {root}", error) from error
        if not isinstance(error, _NoIndexError) or layout.has_table(home):
            _log.warning("rebuilding the index of %s: %s", root, error)
        return _rebuild(home, root, fingerprint, dimension)
    return handle


def _rebuild(home: Path, root: Path, fingerprint: str, dimension: int) -> Handle:
    with lean_import():
        from codesearch.store.table import Table

    layout.wipe(home)
    try:
        table = Table.create(home, dimension)
    except Exception as error:
        raise storage_error(f"cannot create the index of {root}", error) from error
    meta = Meta(fingerprint, dimension, str(root))
    seals.renew(home)
    layout.write_meta(home, meta)
    return Handle(table, meta, layout.meta_stamp(home))
