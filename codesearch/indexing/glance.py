"""Files by their plain words, for the seconds in which a new repository is being read.

Parsing ten thousand units takes some seconds; looking for a few words in the same files takes a
fraction of one. So the first questions are answered from the files that hold most of the words
asked for, which are the only ones parsed for them.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from codesearch.indexing.crowd import in_order
from codesearch.indexing.scan import FileStat, scan
from codesearch.languages import language_of, to_utf8
from codesearch.paths import read_regular_file
from codesearch.settings import Settings
from codesearch.store import Filters
from codesearch.store.filters import passes_path
from codesearch.types import Glimpse

# Files that are parsed for a question, which takes a fifth of a second: a page has as many hits.
_MOST_FILES = 20
# Reading stops after this long, at a few hundred megabytes; the answer says how far it came.
_MOST_SECONDS = 1.0
# How fast a repeated word stops counting, and how much the length of a file matters: BM25's own
# usual values.
_K1, _B = 1.2, 0.75
# A word in a file's path says more about it than any number of times in its text.
_IN_PATH = 1.0


@dataclass(slots=True)
class _Counted:
    """How often each word stands in one file."""

    path: str
    size: int
    counts: list[int]
    in_path: list[bool]


class Glance:
    """Looks through the files of a root that its index does not hold yet. Thread-safe.

    Args:
        read: whether the index holds every file, so that nothing is left to look for.
    """

    def __init__(self, root: Path, settings: Settings, read: Callable[[], bool]) -> None:
        self._root = root
        self._settings = settings.indexing
        self._read = read
        self._over = False
        self._files: Mapping[str, FileStat] = {}

    @property
    def over(self) -> bool:
        """Whether the index is the better place to look, from now on."""
        self._over = self._over or self._read()
        if self._over:
            self._files = {}
        return self._over

    def look(self, words: Sequence[str], where: Filters, stop: Event | None = None) -> Glimpse:
        """The files that `words` (lower case) tell apart from the others, at most twenty."""
        # Listed once: what is created in the next seconds is found by the index.
        files = self._files = self._files or scan(self._root, self._settings).files
        wanted = {path: stat for path, stat in files.items() if _is_asked_for(path, where)}
        counted = list(self._counted(wanted, [word.encode() for word in words], stop))
        rarity = _rarity(counted, len(words))
        mean_size = _mean_size(counted)
        best = sorted(counted, key=lambda file: -_score(file, rarity, mean_size))
        held = [file for file in best if any(file.counts) or any(file.in_path)][:_MOST_FILES]
        sources = {file.path: self._source(file.path, wanted[file.path]) for file in held}
        return Glimpse(sources, dict(zip(words, rarity, strict=True)), len(counted), len(wanted))

    def _counted(
        self, files: Mapping[str, FileStat], terms: Sequence[bytes], stop: Event | None
    ) -> Iterator[_Counted]:
        until = time.monotonic() + _MOST_SECONDS
        for path, stat in in_order(files, ()).items():
            if time.monotonic() > until or (stop is not None and stop.is_set()):
                return
            text, name = self._text(path, stat).lower(), path.lower().encode(errors="replace")
            counts = [text.count(term) for term in terms]
            yield _Counted(path, len(text), counts, [term in name for term in terms])

    def _text(self, path: str, stat: FileStat) -> bytes:
        """The file in UTF-8; nothing of one that is no text."""
        text = to_utf8(self._source(path, stat))
        return b"" if b"\0" in text else text

    def _source(self, path: str, stat: FileStat) -> bytes:
        """What the index would read of the file; nothing of one that it would pass over."""
        if stat.size > self._settings.max_file_bytes:
            return b""
        try:
            return read_regular_file(self._root / path, self._settings.max_file_bytes)
        except (OSError, ValueError):
            return b""


def _is_asked_for(path: str, where: Filters) -> bool:
    if where.languages and language_of(path) not in where.languages:
        return False
    return passes_path(path, where)


def _mean_size(counted: Sequence[_Counted]) -> float:
    return max(1.0, sum(file.size for file in counted) / max(1, len(counted)))


def _rarity(counted: Sequence[_Counted], terms: int) -> list[float]:
    """BM25's weight of each word, by how many files hold it."""
    holding = [sum(file.counts[term] > 0 for file in counted) for term in range(terms)]
    return [math.log(1 + (len(counted) - n + 0.5) / (n + 0.5)) for n in holding]


def _score(file: _Counted, rarity: Sequence[float], mean_size: float) -> float:
    norm = _K1 * (1 - _B + _B * file.size / mean_size)
    return sum(
        weight * (count * (_K1 + 1) / (count + norm) + _IN_PATH * in_path)
        for weight, count, in_path in zip(rarity, file.counts, file.in_path, strict=True)
    )
