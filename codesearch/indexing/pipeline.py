"""From a change to a hit; docs/architecture.md tells the steps.

The steps of one root, run one after the other by the worker's main thread. Each leaves the
index in a state from which any later worker goes on.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from codesearch.errors import EncoderError, StoreError
from codesearch.indexing.books import Books, Vector
from codesearch.indexing.changes import Changes, compare
from codesearch.indexing.crowd import MANY_FILES, Crowd, in_order
from codesearch.indexing.drift import LEAST_COSINE, WARNING
from codesearch.indexing.encoding import BATCH_TEXTS, EncodingQueue, TextEncoder
from codesearch.indexing.forecast import forget_told, look_ahead
from codesearch.indexing.inbox import Inbox, StoppedError, Work
from codesearch.indexing.reading import FileReader, ReadFile
from codesearch.indexing.reporter import Reporter
from codesearch.indexing.scan import FileStat, ScanResult, scan
from codesearch.settings import Settings
from codesearch.store import FileRecord, IndexedUnit
from codesearch.types import Phase, Unit

log = logging.getLogger(__name__)

# One write costs 40-80 ms for a thousand rows and a fixed 10 ms; the first is smaller, so
# that something can be found at once.
_FIRST_WRITE_UNITS = 500
_WRITE_UNITS = 2_000


@dataclass(slots=True)
class _Batch:
    """Files that were read and are not written."""

    records: list[FileRecord] = field(default_factory=list)
    changed: dict[str, tuple[Unit, ...]] = field(default_factory=dict)
    units: int = 0

    def add(self, file: ReadFile) -> None:
        self.records.append(file.record)
        if file.units is not None:
            self.changed[file.record.path] = file.units
            self.units += len(file.units)


class Pipeline:
    """Makes the index of one root equal to its files. For one thread."""

    def __init__(
        self,
        root: Path,
        settings: Settings,
        *,
        books: Books,
        reader: FileReader,
        crowd: Crowd,
        inbox: Inbox,
        reporter: Reporter,
    ) -> None:
        self._root = root
        self._settings = settings
        self._books = books
        self._reader = reader
        self._crowd = crowd
        self._inbox = inbox
        self._reporter = reporter
        self._encoder = TextEncoder(settings.encoder, books, inbox)
        self._queue = EncodingQueue(books, reader, self._encoder, inbox)
        self._queue.put_last(books.unencoded())
        self._strays_removed = False
        self._given_up: set[str] = set()
        self._encoder_error: EncoderError | None = None

    @property
    def has_backlog(self) -> bool:
        """Whether a file waits to be encoded, and can be."""
        return len(self._queue) > 0 and self._encoder_error is None

    @property
    def is_untidy(self) -> bool:
        """Whether `tidy` may have something to do once nothing else has."""
        return self._books.untidy

    def tidy(self) -> None:
        """Give back the disk that earlier states of the index hold, for a moment of rest."""
        try:
            self._books.tidy()
        except StoreError as error:  # what is searchable stays so; a later write will see to it
            log.warning("not tidied: %s", error)

    def read(self, work: Work, found: ScanResult | None = None, began: float = 0.0) -> None:
        """Make words of what changed searchable.

        `found` is a scan for this work that was made already, begun at `began` or later.
        """
        began = began or time.time()
        if work.scan:
            self._reporter.update(phase=Phase.SCANNING)
        elif not work.paths:
            return
        anew = self._begin_anew(work)
        only = None if work.scan else work.paths
        found = found or scan(self._root, self._settings.indexing, only)
        changes = compare(found, self._books.records, only, anew=anew)
        if work.scan and not self._strays_removed:
            changes.forget.extend(self._books.strays().difference(found.files))
            self._strays_removed = True
        self._inbox.hold(changes.paths)
        if work.scan or len(changes.read) > MANY_FILES:
            self._look_ahead(changes)
        self._apply(changes, anew=anew)
        self._inbox.hold(())
        if work.scan:
            self._books.note_reader(self._reader.version)
        self.tell_counts()
        if work.scan:
            self._reporter.update(last_scan_at=began)

    def encode(self) -> None:
        """Encode one group of the backlog."""
        self._reporter.update(phase=Phase.ENCODING, current_file=None)
        try:
            self._queue.encode_group(self._tell_texts)
            self._books.maintain()
            self._encoder.probe()
        except EncoderError as error:
            log.exception("the encoder cannot be used")
            self._encoder_error = error
        except (StoppedError, StoreError):
            raise
        except Exception as error:  # one group that fails must not stop the words of others
            log.exception("a group was not encoded")
            self._give_up(f"some units were not encoded: {error}")
        self.tell_counts()

    def settle(self) -> None:
        """Say that everything known is searchable, if that is so."""
        left = [path for path in self._books.unencoded() if path not in self._given_up]
        if left and self._encoder_error is None:
            # Tried once more; what stays then is a fault to report, not to repeat.
            self._given_up.update(left)
            self._queue.put_last(left)
            return
        self.tell_counts()
        if self._encoder_error is not None:
            self._reporter.update(last_error=str(self._encoder_error))
        status = self._reporter.status
        if status.pending:
            self._reporter.update(phase=Phase.ERROR, current_file=None)
            return
        forget_told(self._root)
        self._reporter.update(phase=Phase.READY, current_file=None, ahead=None)

    def tell_counts(self) -> None:
        """Bring the numbers of the status up to date."""
        counts, counters = self._books.counts(), self._books.counters()
        cosine = self._books.probe_cosine
        self._reporter.update(
            encoder=self._books.info.name,
            files=self._books.files,
            skipped=self._books.skipped(),
            units=counts.units,
            encoded=counts.encoded,
            texts_encoded=counters.get("texts_encoded", 0),
            cache_hits=counters.get("cache_hits", 0),
            probe_cosine=self._books.probe_cosine,
            warnings=() if cosine is None or cosine >= LEAST_COSINE else (WARNING.format(cosine),),
        )

    def _tell_texts(self) -> None:
        """A group may take a while; this shows that it moves."""
        self._reporter.update(texts_encoded=self._books.counters().get("texts_encoded", 0))

    def _begin_anew(self, work: Work) -> bool:
        """Whether every file has to be read whatever it looks like; remembered on disk."""
        if work.anew:
            self._books.note_reader("")
        if work.scan:  # what failed before is tried again
            self._encoder_error = None
            self._encoder.forget_failure()
            self._given_up.clear()
            self._reporter.update(last_error=None)
        return work.scan and not self._books.read_by(self._reader.version)

    def _look_ahead(self, changes: Changes) -> None:
        """Say what is left to do, before it begins. What was read before has its vectors."""
        records = self._books.records
        sizes = {p: stat.size for p, stat in changes.read.items() if p not in records}
        if self._reporter.status.pending:
            sizes |= {p: records[p].size for p in self._books.unencoded() if p in records}
        self._reporter.update(ahead=look_ahead(self._root, self._settings, sizes))

    def _apply(self, changes: Changes, *, anew: bool) -> None:
        if changes.forget:
            self._books.forget(changes.forget)
            self._queue.drop(changes.forget)
        if changes.skip:
            self._books.skip(changes.skip)
            self._queue.drop(changes.skip)
        self._inbox.release([*changes.forget, *changes.skip])
        if changes.read:
            self._reporter.update(phase=Phase.PARSING)
            self._read_files(changes.read, anew=anew)
            # Not between writes: it takes a second, and new rows are found without it.
            self._books.maintain()
            self._reporter.update(current_file=None)

    def _read_files(self, files: dict[str, FileStat], *, anew: bool) -> None:
        ordered = in_order(files, self._inbox.priority)
        unknown = sum(path not in self._books.records for path in files)
        words_first = unknown > MANY_FILES
        if words_first and unknown == len(files):
            ordered = self._read_by_many(ordered)
        batch, limit = _Batch(), _FIRST_WRITE_UNITS
        for path, stat in ordered.items():
            self._inbox.checkpoint()
            self._reporter.update(current_file=path)
            file = self._read_file(path, stat, anew=anew)
            batch.add(file)
            if batch.units >= limit:
                self._write(batch, words_first=words_first, last=False)
                batch, limit = _Batch(), _WRITE_UNITS
        self._write(batch, words_first=words_first, last=limit == _FIRST_WRITE_UNITS)

    def _read_by_many(self, files: dict[str, FileStat]) -> dict[str, FileStat]:
        """Write the words of new files that helpers read; returns those left to be read here."""
        try:
            for portion in self._crowd.read(files):
                self._inbox.checkpoint()
                self._books.write_prepared(portion.records, portion.prepared)
                for problem in portion.problems:
                    self._reporter.update(last_error=problem)
                self._queue.drop(portion.prepared.paths)
                self._queue.put_last(portion.with_units)
                self._settled(portion.records)
        finally:
            self._crowd.close()
        return self._crowd.unread

    def _read_file(self, path: str, stat: FileStat, *, anew: bool) -> ReadFile:
        file = self._reader.read(path, stat, None if anew else self._books.records.get(path))
        if file.problem is not None:
            self._reporter.update(last_error=f"{path} was not read: {file.problem}")
        return file

    def _write(self, batch: _Batch, *, words_first: bool, last: bool) -> None:
        """Write a batch. `last`: nothing else waits, so a few texts may be encoded before."""
        if words_first:
            indexed = {p: [IndexedUnit(u, (None,)) for u in us] for p, us in batch.changed.items()}
            incomplete = [path for path, units in batch.changed.items() if units]
        else:
            indexed, incomplete = self._with_known_vectors(batch, encode_few=last)
        self._books.write(batch.records, indexed)
        self._queue.drop(batch.changed)
        if words_first:
            self._queue.put_last(incomplete)
        else:
            self._queue.put_first(incomplete)
        self._settled(batch.records)

    def _settled(self, records: Iterable[FileRecord]) -> None:
        """These files are written as they are now."""
        paths = [record.path for record in records]
        self._given_up.difference_update(paths)
        self._inbox.release(paths)
        self.tell_counts()

    def _with_known_vectors(
        self, batch: _Batch, *, encode_few: bool
    ) -> tuple[dict[str, list[IndexedUnit]], list[str]]:
        """The batch with the vectors there are, and its files that miss some."""
        texts = {
            path: [(unit, self._books.texts_of(unit)) for unit in units]
            for path, units in batch.changed.items()
        }
        wanted = {t.hash: t.text for units in texts.values() for _, parts in units for t in parts}
        vectors = self._books.cached(list(wanted))
        found = set(vectors)
        missing = {name: text for name, text in wanted.items() if name not in vectors}
        if encode_few and missing and len(missing) <= BATCH_TEXTS and self._encoder.loaded:
            vectors |= self._encoded_now(missing)
        indexed, incomplete = {}, []
        for path, units in texts.items():
            names = {t.hash for _, parts in units for t in parts}
            if names <= vectors.keys():
                self._books.count_hits(sum(not self._encoder.made(n) for n in names & found))
                self._encoder.written(names)
            else:  # its hits are counted when it is encoded
                incomplete.append(path)
            indexed[path] = [
                IndexedUnit(unit, tuple(vectors.get(t.hash) for t in parts))
                for unit, parts in units
            ]
        return indexed, incomplete

    def _encoded_now(self, texts: dict[str, str]) -> dict[str, Vector]:
        try:
            return self._encoder.encode(texts)
        except (StoppedError, StoreError):
            raise
        except Exception:  # the words are written all the same; the backlog tries again
            log.exception("not encoded at once")
            return {}

    def _give_up(self, message: str) -> None:
        """Encode nothing that waits now until it changes, or all is read anew."""
        waiting = self._books.unencoded()
        self._given_up.update(waiting)
        self._queue.drop(waiting)
        self._reporter.update(last_error=message)
