"""From a file on disk to its record and units."""

from __future__ import annotations

import hashlib
import logging
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path

from codesearch import __version__
from codesearch.indexing.changes import UNTRUSTED_MTIME, trusted_mtime
from codesearch.indexing.scan import FileStat
from codesearch.paths import read_regular_file
from codesearch.settings import IndexingSettings
from codesearch.store import FileRecord
from codesearch.types import ParsedFile, SkipReason, Unit

log = logging.getLogger(__name__)

_MARKER_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
READER_VERSION = "reader"  # key of the manifest's meta that `reader_version` stands under


def reader_version(settings: IndexingSettings) -> str:
    """Names everything but a file's content that decides which units come out of it."""
    return f"{__version__} {settings.max_file_bytes} {settings.parse_seconds}"


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file as it is now. `units` is None when its content is as recorded before.

    `problem` says what went wrong with a file that should have been parsed.
    """

    record: FileRecord
    units: tuple[Unit, ...] | None
    problem: str | None = None


class FileReader:
    """Reads and parses the files of one root.

    `marker`, if given, is a file that names the path being parsed while it is parsed: should
    the process die there, its supervisor knows which file did it. `passed_over` are files that
    did.
    """

    def __init__(
        self,
        root: Path,
        settings: IndexingSettings,
        marker: Path | None = None,
        passed_over: tuple[str, ...] = (),
    ) -> None:
        self._root = root
        self._settings = settings
        self._passed_over = set(passed_over)
        self._marker = None if marker is None else os.open(marker, _MARKER_FLAGS, 0o600)

    @property
    def version(self) -> str:
        """See `reader_version`."""
        return reader_version(self._settings)

    def read(self, path: str, stat: FileStat, known: FileRecord | None) -> ReadFile:
        """The file as it is now; parsed only if its content differs from `known`'s."""
        mtime_ns = trusted_mtime(stat, time.time_ns())
        try:
            source = read_regular_file(self._root / path, self._settings.max_file_bytes + 1)
        except (OSError, MemoryError, ValueError) as error:
            log.info("not readable: %s", error)
            return _without_units(path, stat, UNTRUSTED_MTIME, "", SkipReason.UNREADABLE)
        digest = self._digest(source)
        if known is not None and known.content_hash == digest:
            as_now = replace(known, size=stat.size, mtime_ns=mtime_ns, ctime_ns=stat.ctime_ns)
            return ReadFile(as_now, None)
        if path in self._passed_over:
            self._passed_over.discard(path)  # with other content it may be harmless
            return _without_units(path, stat, mtime_ns, digest, SkipReason.UNREADABLE)
        try:
            parsed = self._parse(path, source)
        except Exception as error:  # one file that fails must not stop the others
            log.exception("%s was not parsed", path)
            failed = _without_units(path, stat, mtime_ns, digest, SkipReason.UNREADABLE)
            return replace(failed, problem=str(error) or repr(error))
        nothing = None if parsed.units else SkipReason.EMPTY
        record = FileRecord(
            path,
            stat.size,
            mtime_ns,
            digest,
            parsed.language,
            len(parsed.units),
            parsed.skipped or nothing,
            len(parsed.problems),
            stat.ctime_ns,
        )
        return ReadFile(record, parsed.units)

    def read_again(self, record: FileRecord) -> tuple[Unit, ...] | None:
        """The units of a file that was read before, or None if it is no longer as recorded."""
        try:
            source = read_regular_file(self._root / record.path, self._settings.max_file_bytes + 1)
        except OSError:
            return None
        if self._digest(source) != record.content_hash:
            return None
        return self._parse(record.path, source).units

    def close(self) -> None:
        """Let go of the marker."""
        if self._marker is not None:
            os.close(self._marker)

    def _digest(self, source: bytes) -> str:
        return hashlib.blake2b(source, digest_size=16, salt=_salt(self.version)).hexdigest()

    def _parse(self, path: str, source: bytes) -> ParsedFile:
        from codesearch.languages import ParseLimits, parse

        limits = ParseLimits(
            max_file_bytes=self._settings.max_file_bytes, seconds=self._settings.parse_seconds
        )
        self._mark(path)
        try:
            return parse(path, source, limits)
        finally:
            self._mark("")

    def _mark(self, path: str) -> None:
        if self._marker is not None:
            name = os.fsencode(path)
            os.pwrite(self._marker, name, 0)
            os.truncate(self._marker, len(name))


def _salt(version: str) -> bytes:
    return hashlib.blake2b(version.encode(), digest_size=16).digest()


def _without_units(
    path: str, stat: FileStat, mtime_ns: int, digest: str, reason: SkipReason
) -> ReadFile:
    record = FileRecord(path, stat.size, mtime_ns, digest, "", 0, reason, ctime_ns=stat.ctime_ns)
    return ReadFile(record, ())
