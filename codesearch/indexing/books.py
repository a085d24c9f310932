"""The written state of one index: the table, the manifest, and the vectors known already.

All writing of the worker goes through here, so that its order is in one place: vectors go to
the embedding cache, then units to the table, then records to the manifest. A kill between
two of these repeats a step, and repeating is harmless.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from codesearch.encoder import EncoderInfo
from codesearch.encoder.cache import EmbeddingCache
from codesearch.encoder.text import document_texts, text_hash
from codesearch.indexing.changes import UNTRUSTED_MTIME
from codesearch.indexing.drift import PROBES, compare, to_text
from codesearch.indexing.reading import READER_VERSION
from codesearch.settings import EncoderSettings
from codesearch.store import Counts, FileRecord, Index, IndexedUnit, Manifest
from codesearch.types import SkipReason, Unit

if TYPE_CHECKING:
    from codesearch.store.rows import Prepared

Vector = NDArray[np.float32]
_COSINE = "probe_cosine"  # key of the manifest's meta


class Text(NamedTuple):
    """What is encoded for one part of a unit, and its name in the embedding cache."""

    hash: str
    text: str


class Books:
    """Opened by the holder of the writer's lock; raises StoreError when that fails."""

    def __init__(self, root: Path, info: EncoderInfo, settings: EncoderSettings) -> None:
        self.info = info
        self._index = Index.open(
            root, fingerprint=info.fingerprint, dimension=info.dimension, writable=True
        )
        self._manifest = Manifest.open(root)
        self._cache = EmbeddingCache(cache_mb=settings.cache_mb)
        self.records = self._manifest.files()
        told = self._manifest.meta().get(_COSINE)
        self.probe_cosine = float(told) if told else None  # see drift.py; None: not compared yet

    def read_by(self, version: str) -> bool:
        """Whether every recorded file was read by this version of the reader."""
        return not self.records or self._manifest.meta().get(READER_VERSION) == version

    def note_reader(self, version: str) -> None:
        """Say that every recorded file was read by `version`; "" asks for another reading."""
        self._manifest.set_meta(**{READER_VERSION: version})

    def note_probes(self, vectors: Vector) -> None:
        """Compare the probes' vectors with those kept, or keep these if there are none."""
        kept = self._manifest.meta().get(PROBES, "")
        cosine = compare(kept, vectors)
        if cosine is None:
            cosine = 1.0
            self._manifest.set_meta(**{PROBES: to_text(vectors)})
        self._manifest.set_meta(**{_COSINE: str(cosine)})
        self.probe_cosine = cosine

    def strays(self) -> set[str]:
        """Files in the table that the manifest does not know, left by a writer's sudden end."""
        return set(self._index.paths()).difference(self.records)

    def write(self, records: Iterable[FileRecord], units: Mapping[str, list[IndexedUnit]]) -> None:
        """Replace the units of these files in one step, then record them."""
        self._index.replace_files(units)
        self._record(records)

    def write_prepared(self, records: Iterable[FileRecord], prepared: Prepared) -> None:
        """As `write`, with rows that are made already."""
        self._index.replace_prepared(prepared)
        self._record(records)

    def _record(self, records: Iterable[FileRecord]) -> None:
        kept = list(records)
        self._manifest.record(kept)
        self.records.update({record.path: record for record in kept})

    def maintain(self) -> None:
        """Keep the table fast; cheap when nothing is due."""
        self._index.maintain()

    @property
    def untidy(self) -> bool:
        """Whether `tidy` may have something to do."""
        return self._index.untidy

    def tidy(self) -> None:
        """Give back the disk that old versions of the table hold; may take seconds."""
        self._index.tidy()

    def rewrite(self, units: Mapping[str, list[IndexedUnit]]) -> None:
        """Replace the units of recorded files, whose content is as recorded."""
        self._index.replace_files(units)

    def forget(self, paths: Sequence[str]) -> None:
        """Remove files from table and manifest."""
        self._index.replace_files(dict.fromkeys(paths, ()))
        self._manifest.forget(paths)
        for path in paths:
            self.records.pop(path, None)

    def skip(self, reasons: Mapping[str, SkipReason]) -> None:
        """Record files that the scan passed over, and remove what the table has of them."""
        self._index.replace_files(dict.fromkeys(reasons, ()))
        records = [FileRecord(path, 0, 0, "", "", 0, reason) for path, reason in reasons.items()]
        self._manifest.record(records)
        self.records.update({record.path: record for record in records})

    def distrust(self, path: str) -> None:
        """Have the next look at `path` read it, whatever its size and time."""
        record = self.records.get(path)
        if record is not None:
            self.records[path] = replace(record, mtime_ns=UNTRUSTED_MTIME)

    def cached(self, hashes: Sequence[str]) -> dict[str, Vector]:
        """The known vectors of texts, by hash."""
        return self._cache.get(self.info.fingerprint, hashes)

    def keep_vectors(self, vectors: Mapping[str, Vector]) -> None:
        """Keep new vectors before anything refers to them, and count the texts."""
        self._manifest.add(texts_encoded=len(vectors))
        self._cache.put(self.info.fingerprint, vectors)

    def count_hits(self, hits: int) -> None:
        """Count vectors that needed no encoding."""
        if hits:
            self._manifest.add(cache_hits=hits)

    def texts_of(self, unit: Unit) -> list[Text]:
        """The texts to encode for a unit, one a part."""
        return [Text(text_hash(t), t) for t in document_texts(unit, self.info.max_tokens)]

    def unencoded(self) -> list[str]:
        """Files with a missing vector, the recently modified first."""

        def age(path: str) -> int:
            record = self.records.get(path)
            # An untrusted time is that of a file written moments ago.
            return 0 if record is None or record.mtime_ns < 0 else -record.mtime_ns

        return sorted(self._index.unencoded_paths(), key=lambda p: (age(p) != 0, age(p)))

    def counts(self) -> Counts:
        """Units, and units with all their vectors."""
        return self._index.counts()

    def counters(self) -> dict[str, int]:
        """Counters of the manifest."""
        return self._manifest.counters()

    def skipped(self) -> dict[str, int]:
        """Files without units by reason."""
        return dict(Counter(r.skipped.value for r in self.records.values() if r.skipped))

    @property
    def files(self) -> int:
        """Files with units."""
        return sum(1 for record in self.records.values() if record.units)

    def close(self) -> None:
        """Let go of all files."""
        self._index.close()
        self._manifest.close()
        self._cache.close()
