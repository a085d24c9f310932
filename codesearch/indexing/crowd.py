"""Many files read at once, by helper processes: how the words of a new repository come quickly.

Parsing and making rows take most of the time until a new repository can be searched, and one
process can use only one processor for them.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, NamedTuple

from codesearch.encoder.machine import thread_count
from codesearch.helper import Helper, HelperDiedError
from codesearch.indexing.memory import helpers_within
from codesearch.indexing.reading import FileReader
from codesearch.indexing.scan import FileStat
from codesearch.settings import IndexingSettings
from codesearch.store import FileRecord, IndexedUnit

if TYPE_CHECKING:
    from codesearch.store.rows import Prepared

log = logging.getLogger(__name__)

# More files than this are a new repository: words first, and nothing is looked up in the
# embedding cache until its turn to be encoded comes.
MANY_FILES = 100
# Bytes of source read as one portion, and written as one: a write costs a fixed 20 ms, which
# this makes little of; the first is smaller, so that something can be found at once.
_PORTION_BYTES = 800_000
_FIRST_PORTION_BYTES = 100_000
_LEAST_BYTES = 400  # what a file counts for at least: its row and record cost as much
_MOST_HELPERS = 6  # each costs 60 MB, and more would wait for the one that writes
_LONGEST_FACTOR = 20  # a portion may take that many times what one file may


@dataclass(frozen=True, slots=True)
class Portion:
    """Files that were read: their records and rows, those with units, and what went wrong."""

    records: tuple[FileRecord, ...]
    prepared: Prepared
    with_units: tuple[str, ...]
    problems: tuple[str, ...] = ()


class _Asked(NamedTuple):
    """Files that a helper has been asked to read."""

    files: dict[str, FileStat]
    answer: Future[Portion]


class Crowd:
    """Reads files that are not in the index, none of whose vectors matter yet.

    `unread` are those of portions whose helper died, since one of them may have killed it, and
    those that are to be `passed_over`, which the worker's own reader knows about.
    """

    def __init__(
        self, root: Path, settings: IndexingSettings, passed_over: tuple[str, ...] = ()
    ) -> None:
        self._root = root
        self._settings = settings
        self._passed_over = passed_over
        longest = settings.parse_seconds * _LONGEST_FACTOR
        count = helpers_within(settings, min(_MOST_HELPERS, thread_count()))
        self._helpers = [Helper(longest) for _ in range(count)]
        self._free: SimpleQueue[Helper] = SimpleQueue()
        for helper in self._helpers:
            self._free.put(helper)
        self._pool: ThreadPoolExecutor | None = None
        self._files: Mapping[str, FileStat] = {}
        self._left: Iterator[dict[str, FileStat]] = iter(())
        self._waiting: deque[_Asked] = deque()
        self.unread: dict[str, FileStat] = {}

    def begin(self, files: Mapping[str, FileStat]) -> None:
        """Have `files` read, in their order, while the caller does something else."""
        self.close()
        self._pool = ThreadPoolExecutor(len(self._helpers), "crowd")
        self._files = files
        self.unread = {path: files[path] for path in self._passed_over if path in files}
        self._left = portions({p: stat for p, stat in files.items() if p not in self.unread})
        self._ask_for_more()

    def read(self, files: Mapping[str, FileStat]) -> Iterator[Portion]:
        """What became of `files`, portion by portion. `close` afterwards, however it ended."""
        if files.keys() != self._files.keys():
            self.begin(files)
        while self._waiting:
            asked = self._waiting.popleft()
            self._ask_for_more()
            try:
                yield asked.answer.result()
            except HelperDiedError as error:
                log.warning("%d files are read once more: %s", len(asked.files), error)
                self.unread.update(asked.files)

    def close(self) -> None:
        """End the processes, whatever they are doing. It can begin again."""
        self._files, self._left = {}, iter(())
        self._waiting.clear()
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
        for helper in self._helpers:
            helper.close()

    def _ask_for_more(self) -> None:
        """No more than what keeps all of them busy: rows wait in memory."""
        while len(self._waiting) <= 2 * len(self._helpers):
            files = next(self._left, None)
            if files is None:
                return
            assert self._pool is not None
            self._waiting.append(_Asked(files, self._pool.submit(self._ask, files)))

    def _ask(self, files: dict[str, FileStat]) -> Portion:
        helper = self._free.get()
        try:
            return helper.call(read_portion, self._root, self._settings, files)
        finally:
            self._free.put(helper)


def in_order(files: Mapping[str, FileStat], opened: Iterable[str]) -> dict[str, FileStat]:
    """Open files first, then those that were changed lately."""
    recent = sorted(files, key=lambda path: -files[path].mtime_ns)
    first = [path for path in opened if path in files]
    return {path: files[path] for path in (*first, *recent)}


def portions(files: Mapping[str, FileStat]) -> Iterator[dict[str, FileStat]]:
    """The files in their order, cut by their sizes."""
    portion: dict[str, FileStat] = {}
    room = _FIRST_PORTION_BYTES
    for path, stat in files.items():
        portion[path] = stat
        room -= max(stat.size, _LEAST_BYTES)
        if room <= 0:
            yield portion
            portion, room = {}, _PORTION_BYTES
    if portion:
        yield portion


def read_portion(root: Path, settings: IndexingSettings, files: Mapping[str, FileStat]) -> Portion:
    """What a helper does: read, parse, and make the rows of `files`."""
    from codesearch.store.rows import prepare

    reader = FileReader(root, settings)
    read = [reader.read(path, stat, None) for path, stat in files.items()]
    units = {file.record.path: file.units or () for file in read}
    indexed = {path: [IndexedUnit(u, (None,)) for u in us] for path, us in units.items()}
    return Portion(
        records=tuple(file.record for file in read),
        prepared=prepare(indexed),
        with_units=tuple(path for path, found in units.items() if found),
        problems=tuple(
            f"{file.record.path} was not read: {file.problem}" for file in read if file.problem
        ),
    )
