"""Whether there is nothing to do, found out without starting anything.

A command that finds its index complete and its files as recorded needs no worker process, which
costs seconds of imports.
"""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

from codesearch.encoder import describe
from codesearch.errors import StoreError
from codesearch.indexing.changes import compare
from codesearch.indexing.protocol import read_status_file
from codesearch.indexing.reading import READER_VERSION, reader_version
from codesearch.indexing.scan import scan
from codesearch.settings import Settings
from codesearch.store import FileRecord, Index, Manifest
from codesearch.types import IndexStatus, SkipReason


def is_unchanged(root: Path, settings: Settings, left: IndexStatus | None = None) -> bool:
    """Whether the index of `root` is complete, for these settings, and equal to its files.

    Files are judged by size and time; none is read. `left` is the status that its last leader
    left, where another one stands in its place by now.

    Raises:
        EncoderError: the encoder that the settings name is not there.
    """
    status = left or read_status_file(root)
    if status is None or not status.complete:
        return False
    info = describe(settings.encoder)
    if not Index.stands(root, fingerprint=info.fingerprint, dimension=info.dimension):
        return False
    try:
        with closing(Manifest.peek(root)) as manifest:
            records, meta = manifest.files(), manifest.meta()
    except StoreError:
        return False  # the writer mends it
    if records and meta.get(READER_VERSION) != reader_version(settings.indexing):
        return False
    changes = compare(scan(root, settings.indexing), records)
    read = [p for p in changes.read if not _is_still_unreadable(root, records.get(p))]
    return not (read or changes.skip or changes.forget)


def _is_still_unreadable(root: Path, record: FileRecord | None) -> bool:
    if record is None or record.skipped is not SkipReason.UNREADABLE or record.content_hash:
        return False
    return not os.access(root / record.path, os.R_OK)
