"""The second half of a change: from units that words find to units that meaning finds.

Files wait in a queue. A group of them is taken at a time, as many as make a few batches of
unknown texts, so that batches hold texts of like length; it is written in one step. Each
batch goes to the embedding cache as soon as it is encoded, so a kill, or a more urgent
change that interrupts the group, costs no encoding.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from codesearch.encoder import Encoder, load_encoder
from codesearch.errors import SearchCancelledError
from codesearch.indexing.books import Books, Text, Vector
from codesearch.indexing.drift import probe
from codesearch.indexing.inbox import Inbox, StoppedError
from codesearch.indexing.reading import FileReader
from codesearch.settings import EncoderSettings
from codesearch.store import IndexedUnit
from codesearch.types import Unit

log = logging.getLogger(__name__)

BATCH_TEXTS = 64  # encoded between two looks at the inbox, and what a kill may cost
GROUP_TEXTS = 256  # enough for batches of like length; some seconds of work
_LOOK = 0.1  # seconds between two looks at the inbox while the encoder is being loaded
_GROUP_FILES = 256  # bounds a group of files whose texts are all known


@dataclass(slots=True)
class _Group:
    """Files to be written together. `missing` are texts without a vector, by hash."""

    texts: dict[str, list[tuple[Unit, list[Text]]]] = field(default_factory=dict)
    vectors: dict[str, Vector] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


class TextEncoder:
    """The encoder, loaded in the background when a text has to be encoded for the first time."""

    def __init__(self, settings: EncoderSettings, books: Books, inbox: Inbox) -> None:
        self._settings = settings
        self._books = books
        self._inbox = inbox
        self._encoder: Encoder | None = None
        self._failure: Exception | None = None
        self._loading: threading.Thread | None = None
        self._unwritten: set[str] = set()
        self._probed = False

    @property
    def loaded(self) -> bool:
        """Whether encoding can begin without delay."""
        return self._encoder is not None

    def load(self, wait: float) -> bool:
        """Whether it is loaded, after `wait` seconds at most. What made it fail is raised.

        Loading takes seconds, in which the worker can do other things.
        """
        if self._encoder is None and self._failure is None:
            if self._loading is None:
                # A daemon, so that nothing waits for it when the worker has to end.
                self._loading = threading.Thread(target=self._load, name="encoder", daemon=True)
                self._loading.start()
            self._loading.join(wait)
        if self._failure is not None:
            raise self._failure
        return self._encoder is not None

    def probe(self) -> None:
        """Note, once, whether it makes the vectors that it made before. When it is loaded."""
        if self._encoder is None or self._probed:
            return
        self._probed = True
        self._books.note_probes(probe(self._encoder))

    def forget_failure(self) -> None:
        """Try again to load it when it is needed next."""
        if self._failure is not None:
            self._failure = self._loading = None

    def _load(self) -> None:
        try:
            self._encoder = load_encoder(self._settings)
        except Exception as error:  # raised where somebody waits for it
            self._failure = error

    def made(self, name: str) -> bool:
        """Whether the text of this hash was encoded here for what is not written yet.

        Its vector is found again when an interrupted group is taken up: that is no hit.
        """
        return name in self._unwritten

    def written(self, names: Iterable[str]) -> None:
        """The vectors of these texts stand in the table."""
        self._unwritten.difference_update(names)

    def encode(self, texts: Mapping[str, str]) -> dict[str, Vector]:
        """Vectors of one batch by hash; they are in the embedding cache before this returns.

        To be called when it is loaded. Raises StoppedError when the worker has to end.
        """
        assert self._encoder is not None
        try:
            rows = self._encoder.encode_documents(list(texts.values()), stop=self._inbox.stop_event)
        except SearchCancelledError as error:
            raise StoppedError from error
        # As the cache keeps them, so that an index is the same whether it came from there.
        rounded = rows.astype(np.float16).astype(np.float32)
        vectors = dict(zip(texts, rounded, strict=True))
        self._books.keep_vectors(vectors)
        self._unwritten.update(texts)
        return vectors


class EncodingQueue:
    """Files whose units miss vectors, in the order in which they are to be encoded."""

    def __init__(
        self, books: Books, reader: FileReader, encoder: TextEncoder, inbox: Inbox
    ) -> None:
        self._books = books
        self._reader = reader
        self._encoder = encoder
        self._inbox = inbox
        self._paths: dict[str, None] = {}
        self._needs_encoder = False

    def __len__(self) -> int:
        return len(self._paths)

    def put_first(self, paths: Iterable[str]) -> None:
        """Add files before all others: they have just changed."""
        self._paths = dict.fromkeys([*paths, *self._paths])

    def put_last(self, paths: Iterable[str]) -> None:
        """Add files behind those that wait already."""
        self._paths.update(dict.fromkeys(paths))

    def drop(self, paths: Iterable[str]) -> None:
        """Remove files that are gone, or complete."""
        for path in paths:
            self._paths.pop(path, None)

    def encode_group(self, after_batch: Callable[[], None]) -> list[str]:
        """Encode and write one group, and return its files.

        Returns none when something more urgent came, what was encoded by then being kept, and
        while the encoder is being loaded. What the encoder raises is passed on.
        """
        if not self._encoder.loaded and self._needs_encoder and not self._encoder.load(_LOOK):
            return []
        self._needs_encoder = False
        group = self._next_group()
        self._needs_encoder |= bool(group.missing)
        if group.missing and not self._encoder.load(_LOOK):
            return []
        for number, batch in enumerate(_batches(group.missing)):
            if number and self._inbox.urgent:
                return []
            group.vectors |= self._encoder.encode(batch)
            after_batch()
        self._books.rewrite(
            {path: _indexed(units, group.vectors) for path, units in group.texts.items()}
        )
        self._encoder.written(group.vectors)
        self.drop(group.texts)
        return list(group.texts)

    def _next_group(self) -> _Group:
        group = _Group()
        opened = [path for path in self._inbox.priority if path in self._paths]
        for path in dict.fromkeys([*opened, *self._paths]):
            self._inbox.checkpoint()
            self._add(path, group)
            if len(group.missing) >= GROUP_TEXTS or len(group.texts) >= _GROUP_FILES:
                break
        return group

    def _add(self, path: str, group: _Group) -> None:
        record = self._books.records.get(path)
        units = None if record is None else self._reader.read_again(record)
        if units is None:  # changed since its words were written: it is read once more
            self.drop([path])
            self._books.distrust(path)
            self._inbox.touch([path])
            # It may change at every look: only a loaded encoder can encode it as it is read.
            self._needs_encoder = True
            return
        texts = [(unit, self._books.texts_of(unit)) for unit in units]
        group.texts[path] = texts
        wanted = {t.hash: t.text for _, parts in texts for t in parts}
        unknown = [name for name in wanted if name not in group.vectors]
        known = self._books.cached([name for name in unknown if name not in group.missing])
        self._books.count_hits(sum(not self._encoder.made(name) for name in known))
        group.vectors |= known
        group.missing.update({n: wanted[n] for n in unknown if n not in known})


def _batches(texts: Mapping[str, str]) -> Iterable[dict[str, str]]:
    """Texts of like length together, the longest first, so that memory is at its peak early."""
    names = sorted(texts, key=lambda name: (-len(texts[name]), name))
    for start in range(0, len(names), BATCH_TEXTS):
        yield {name: texts[name] for name in names[start : start + BATCH_TEXTS]}


def _indexed(
    units: Sequence[tuple[Unit, Sequence[Text]]], vectors: Mapping[str, Vector]
) -> list[IndexedUnit]:
    return [IndexedUnit(unit, tuple(vectors.get(t.hash) for t in parts)) for unit, parts in units]
