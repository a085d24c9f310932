"""An index that grows to a million units: `python -m benchmarks.speed.scale ROOT --work DIR`.

The units are those of ROOT, which has an index and its vectors, then again with other words in
their names and bodies, and with vectors that were turned at random by some 25 degrees: encoding a
million texts takes hours and is measured elsewhere. What is measured is all the rest: rows, writes,
indexes, memory, disk, and questions through the same `Searcher` that servers use.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.speed.figures import Figure, absolute, against, at_least, p95, told
from benchmarks.speed.places import cache, memory
from benchmarks.speed.questions import questions
from codesearch.encoder import describe
from codesearch.encoder.cache import EmbeddingCache
from codesearch.encoder.text import document_texts, text_hash
from codesearch.indexing.scan import scan
from codesearch.languages import parse
from codesearch.paths import embedding_cache_file, index_home
from codesearch.search import EncoderHandle, Searcher
from codesearch.settings import Settings
from codesearch.store import Index, IndexedUnit
from codesearch.store.reading import Reading
from codesearch.store.values import IN_MEMORY_ROWS
from codesearch.types import Query

_WRITE_UNITS = 2_000  # as the worker writes
_GROUP_FILES = 16  # rewritten together when their vectors come
_GROUPS = 10
_QUESTIONS = 105
_RECALL_AT = 10
_MANY_PARTS = 100  # rows that hold ten units in any case
_ROWS_AT_ONCE = 50_000
_TURN = 0.466  # tan of 25 degrees: length of the noise added to a vector
_CHANGED = 0.2  # of all words
_WORD = re.compile(r"[A-Za-z]{4,}")
Vector = NDArray[np.float32]
Files = dict[str, list[IndexedUnit]]


_FLAT = 1.2  # how much more a unit may cost than in the smallest index


@dataclass(frozen=True, slots=True)
class Size:
    """What an index of `units` costs: processor time to write it and disk, both a unit."""

    units: int
    write_us: float
    rewrite_ms: float  # of a group of files
    disk_bytes: float
    source_bytes: float
    recall: float


def figures(root: Path, work: Path, sizes: Sequence[int]) -> list[Figure]:
    """Lines for each size. What was grown in `work` before is asked again, and not grown again."""
    if not all(_record(work, size).exists() for size in sizes):
        grow(root, work, sizes)
    lines: list[Figure] = []
    first: Size | None = None
    for size in sizes:
        one = Size(**json.loads(_record(work, size).read_text()))
        first = first or one
        asked = _asked(work, size)
        name = f"{one.units:,} units"
        costs = [one.write_us], f"{first.units:,} units", [first.write_us]
        most = 20 if size <= 100_000 else 40
        lines += [
            against(f"{name}: processor time to write one", *costs, _FLAT, unit="µs"),
            told(f"… to write {_GROUP_FILES} files again", one.rewrite_ms, "ms"),
            told("… question, p50", asked["p50_ms"], "ms"),
            absolute("… question, p95", asked["p95_ms"], "ms", most),
            told("… memory of the process that asks, PSS", asked["pss_mb"], "MB"),
            told("… index over source, on disk", one.disk_bytes / one.source_bytes, "of it"),
            at_least("… recall@10 against exact search", one.recall, 0.98),
        ]
    return lines


def main() -> None:
    """Grow, or `--ask` an index that is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path)
    parser.add_argument("--work", type=Path, required=True, help="holds the copies and the index")
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--ask", action="store_true", help="only ask the index that is there")
    given = parser.parse_args()
    if given.ask:
        print(json.dumps(_answers(given.root)))
    else:
        grow(given.root, given.work, [*map(int, given.sizes.split(","))])


def grow(root: Path, work: Path, sizes: Sequence[int]) -> None:
    """Make the index of each size from the one before, with a record and a copy for `--ask`.

    `root` has its vectors in the cache.
    """
    info = describe(Settings().encoder)
    copies = work / "copies"
    copies.mkdir(parents=True, exist_ok=True)
    source = _Source(root, embedding_cache_file(), copies)
    with cache(work):
        index = Index.open(
            copies, fingerprint=info.fingerprint, dimension=info.dimension, writable=True
        )
        units, batches = 0, source.batches()
        for size in sizes:
            began, added = time.process_time(), units
            while units < size:
                batch = next(batches)
                units += sum(map(len, batch.values()))
                _write(index, batch)
            took = time.process_time() - began - source.seconds_making
            source.seconds_making = 0.0
            rewritten = _rewritten(index, batch)
            index.tidy()
            made = Size(
                units=units,
                write_us=1e6 * took / (units - added),
                rewrite_ms=rewritten,
                disk_bytes=_size(index_home(copies)) / units,
                source_bytes=source.bytes_linked / units,
                recall=source.recall(index),
            )
            _keep(work, size)
            _record(work, size).write_text(json.dumps(asdict(made)))
        index.close()


def _record(work: Path, size: int) -> Path:
    return work / f"{size}.json"


def _keep(work: Path, size: int) -> None:
    """A copy of the index as it is. Most of its files never change, so they are linked."""

    def link(file: str, copy: str) -> None:
        (shutil.copy2 if file.endswith(".json") else os.link)(file, copy)

    kept = work / str(size)
    if kept.exists():
        shutil.rmtree(kept)
    shutil.copytree(work / "indexes", kept / "indexes", copy_function=link)


@dataclass(frozen=True, slots=True)
class Original:
    """A file of the repository: where it is, and its units with their vectors."""

    path: str
    units: list[IndexedUnit]


class _Source:
    """Units without end, and the vectors of all that were given so far."""

    def __init__(self, root: Path, embeddings: Path, copies: Path) -> None:
        self._root = root
        self._copies = copies
        self.bytes_linked = 0
        self.seconds_making = 0.0  # of the benchmark, which no index would take
        self._files = list(_originals(root, EmbeddingCache(embeddings)))
        self._noise = np.random.default_rng(5)
        words = {word for file in self._files for one in file.units for word in _words(one)}
        self._vocabulary = sorted(words)
        self._vectors: list[NDArray[np.float16]] = []
        self._ids: list[str] = []

    def batches(self) -> Iterator[Files]:
        """Files with some units in all, ready to be written."""
        batch: Files = {}
        for copy in range(10_000):
            for file in self._files:
                began = time.process_time()
                path = f"copy{copy}/{file.path}"
                self._link(file.path, path)
                batch[path] = [self._mutated(one, path, copy) for one in file.units]
                self.seconds_making += time.process_time() - began
                if sum(map(len, batch.values())) >= _WRITE_UNITS:
                    yield batch
                    batch = {}

    def recall(self, index: Index) -> float:
        """The share of the exact ten nearest units that the index finds, over all questions."""
        handle = EncoderHandle(Settings().encoder)
        handle.get(wait=True)
        names = [one.unit.name for file in self._files for one in file.units]
        vectors = [handle.query_vector(text) for text in questions(names, _QUESTIONS)]
        reader, shares = _as_a_server(index), []
        for vector, exact in zip(vectors, self._nearest(np.stack(vectors)), strict=True):
            found = {one.unit.id for one in reader.search_vectors(vector, _RECALL_AT)}
            shares.append(len(found & exact) / _RECALL_AT)
        return statistics.mean(shares)

    def _nearest(self, vectors: Vector) -> list[set[str]]:
        """The exact nearest units to each of `vectors`, by comparing all there are."""
        held = np.concatenate(self._vectors)
        scores = np.empty((len(held), len(vectors)), np.float32)
        for at in range(0, len(held), _ROWS_AT_ONCE):
            rows = held[at : at + _ROWS_AT_ONCE].astype(np.float32)
            np.matmul(rows, vectors.T, out=scores[at : at + _ROWS_AT_ONCE])
        nearest = []
        for column in scores.T:
            best = np.argpartition(-column, _MANY_PARTS)[:_MANY_PARTS]
            ids = dict.fromkeys(self._ids[at] for at in best[np.argsort(-column[best])])
            nearest.append(set(list(ids)[:_RECALL_AT]))
        return nearest

    def _link(self, original: str, path: str) -> None:
        target = self._copies / path
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(self._root / original, target)
        self.bytes_linked += target.stat().st_size

    def _mutated(self, one: IndexedUnit, path: str, copy: int) -> IndexedUnit:
        unit = replace(one.unit, path=path)
        if copy:
            unit = replace(
                unit,
                name=self._other_words(unit.name, copy),
                qualified_name=self._other_words(unit.qualified_name, copy),
                signature=self._other_words(unit.signature, copy),
                documentation=self._other_words(unit.documentation, copy),
                body=self._other_words(unit.body, copy),
            )
        vectors = tuple(self._turned(vector) if copy else vector for vector in one.vectors)
        self._vectors.append(np.array(vectors, np.float16))
        self._ids.extend([unit.id] * len(vectors))
        return IndexedUnit(unit, vectors)

    def _other_words(self, text: str, copy: int) -> str:
        """A fifth of all words replaced, the same word by the same one all over a copy."""

        def other(found: re.Match[str]) -> str:
            chance = zlib.crc32(f"{copy} {found[0]}".encode())
            if chance % 1000 >= 1000 * _CHANGED:
                return found[0]
            return self._vocabulary[chance // 1000 % len(self._vocabulary)]

        return _WORD.sub(other, text)

    def _turned(self, vector: Vector | None) -> Vector:
        assert vector is not None
        noise = self._noise.standard_normal(len(vector)).astype(np.float32)
        turned = vector + noise * np.float32(_TURN / np.linalg.norm(noise))
        unit: Vector = turned / np.linalg.norm(turned)
        return unit


def _originals(root: Path, known: EmbeddingCache) -> Iterator[Original]:
    info = describe(Settings().encoder)
    for path in scan(root, Settings().indexing).files:
        units = parse(path, (root / path).read_bytes()).units
        hashes = [[text_hash(t) for t in document_texts(u, info.max_tokens)] for u in units]
        vectors = known.get(info.fingerprint, [one for parts in hashes for one in parts])
        complete = [
            IndexedUnit(unit, tuple(vectors[one] for one in parts))
            for unit, parts in zip(units, hashes, strict=True)
            if all(one in vectors for one in parts)
        ]
        if complete:
            yield Original(path, complete)


def _words(one: IndexedUnit) -> list[str]:
    return _WORD.findall(one.unit.name)


def _write(index: Index, batch: Files) -> None:
    index.replace_files(batch)
    index.maintain()


def _rewritten(index: Index, batch: Files) -> float:
    """The processor's milliseconds to write some files again, as when they are saved."""
    times = []
    for start in range(0, _GROUPS * _GROUP_FILES, _GROUP_FILES):
        files = dict(list(batch.items())[start : start + _GROUP_FILES])
        if not files:
            break
        began = time.process_time()
        index.replace_files(files)
        times.append(1000 * (time.process_time() - began))
    return statistics.median(times)


def _as_a_server(index: Index) -> Index | Reading:
    """The index as it answers who asks often: from memory, unless it is too large."""
    if index.counts().units <= IN_MEMORY_ROWS // 2:
        while not isinstance(index.now(), Reading):
            time.sleep(0.1)
    return index.now()


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _asked(work: Path, size: int) -> dict[str, float]:
    """Times and memory of a process of its own that asks the index of a size."""
    module = ["-m", "benchmarks.speed.scale", "--ask", "--work", str(work)]
    with cache(work / str(size)):
        command = [sys.executable, *module, str(work / "copies")]
        ran = subprocess.run(command, check=True, capture_output=True, text=True)
    asked: dict[str, float] = json.loads(ran.stdout)
    return asked


def _answers(root: Path) -> dict[str, float]:
    searcher = Searcher(root, Settings())
    searcher.start(hold=True)
    began = time.perf_counter()
    names = [f"{one} of {two}" for one in ("open", "parse") for two in ("file", "request")]
    for name in names:
        searcher.search(Query(name), wait_for_encoder=True)
    info = describe(Settings().encoder)
    index = Index.open(root, fingerprint=info.fingerprint, dimension=info.dimension)
    asked = questions(_some_names(index), _QUESTIONS)
    index.close()
    time.sleep(max(0.0, 10 - (time.perf_counter() - began)))  # until it is held, if it will be
    searcher.search(Query(names[0]), wait_for_encoder=True)
    times = []
    for text in asked:
        began = time.perf_counter()
        searcher.search(Query(text), wait_for_encoder=True)
        times.append(1000 * (time.perf_counter() - began))
    return {"p50_ms": statistics.median(times), "p95_ms": p95(times), "pss_mb": memory(os.getpid())}


def _some_names(index: Index) -> list[str]:
    """Names of some files' units: of a million, not all are needed."""
    paths = random.Random(5).sample(sorted(index.paths()), 50)
    return [unit.name for path in paths for unit in index.units_at(path)]


if __name__ == "__main__":
    main()
