"""The searcher of one root: the stages of a search, one after the other.

understand -> recall -> fuse -> rank -> read snippets. It runs in the caller's thread.
"""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from cachetools import LRUCache

from codesearch.errors import StoreDamagedError, StoreError, UsageError
from codesearch.languages import ParseLimits, parse, parse_snippet
from codesearch.search import recall
from codesearch.search.cancel import check
from codesearch.search.copies import copies_of
from codesearch.search.filters import typed_filters
from codesearch.search.fusion import Candidate, blend, fuse_ranks
from codesearch.search.handle import EncoderHandle
from codesearch.search.origin import origin_of
from codesearch.search.overlay import Overlaid, Overlay
from codesearch.search.rank import ranked
from codesearch.search.reader import Reader
from codesearch.search.recall import View
from codesearch.search.similar import similar_to
from codesearch.search.snippets import Texts
from codesearch.search.stages import ALL_STAGES, Stages
from codesearch.search.understand import QueryKind, Understood, understand
from codesearch.search.unread import Unread, note_on, reader_of
from codesearch.search.vectors import UnitVectors, key_of
from codesearch.settings import Settings
from codesearch.store import Filters, Index, preload
from codesearch.timing import Timings
from codesearch.types import Explanation, Hit, ParsedFile, Query, SearchResult, Target, Unit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_log = logging.getLogger(__name__)

# Parsed files remembered: what is on the screen, and what the last question looked into.
_PARSED_FILES = 64

NO_QUERY = "the query has no words"
LOADING = "the encoder is still loading: found by words only"


class Searcher:
    """Answers questions about one root. Thread-safe; every call works in the caller's thread.

    The index is opened at the first question. While there is none, or while it is being made,
    the answer is what is there and a note. Nothing waits for the encoder unless asked to.
    """

    def __init__(
        self,
        root: Path,
        settings: Settings,
        encoder: EncoderHandle | None = None,
        *,
        unread: Unread | None = None,
        stages: Stages = ALL_STAGES,
        through: Callable[[Reader], Reader] | None = None,
    ) -> None:
        """Search `root` (a folder). `encoder` is shared between roots when it is given.

        `unread` answers until the index has been made; without it, the answer is what is there.
        `stages` and `through`, which stands between the stages and the index, are for measuring.
        """
        self.root = root
        self.settings = settings
        self.stages = stages
        self.timings = Timings()
        self._unread = unread
        self._through = through or _directly
        self.encoder = encoder or EncoderHandle(settings.encoder)
        self._vectors = UnitVectors(self.encoder)
        self._limits = ParseLimits(
            max_file_bytes=settings.indexing.max_file_bytes,
            seconds=settings.indexing.parse_seconds,
        )
        self._lock = threading.Lock()
        self._index: Index | None = None
        self._started = False
        self._parsed: LRUCache[tuple[str, bytes], ParsedFile] = LRUCache(_PARSED_FILES)

    def start(self, *, hold: bool = False) -> None:
        """Load in the background what any question needs: the table's library, the encoder.

        With `hold` the index as well, for whoever will ask many.
        """
        with self._lock:
            started, self._started = self._started, True
        if not started:
            # Not a daemon: see `EncoderHandle`.
            threading.Thread(target=self._load, args=(hold,), name="store-load").start()
            self.encoder.start()

    def search(
        self,
        query: Query,
        *,
        stop: Event | None = None,
        overlays: Sequence[Overlay] = (),
        wait_for_encoder: bool = False,
    ) -> SearchResult:
        """The best units for `query`.

        `overlays` stand in for the files they name. With `wait_for_encoder` the answer comes
        by every view, however long the encoder takes to load; otherwise it comes at once.

        Raises:
            SearchCancelledError: `stop` was set.
            EncoderError: the encoder's files are missing, or (when waiting) do not load.
            StoreError: the index cannot be read.
            UsageError: a path pattern is too long.
        """
        asked = understand(query)
        if not asked.text.strip():
            return SearchResult((), 0, 0, (*asked.notes, NO_QUERY))
        if self._unread is not None and not self._unread.over:
            with self.timings.stage("glance"):
                return self._at_a_glance(self._unread, asked, overlays, stop)

        def answer(index: Reader) -> SearchResult:
            reader, texts = self._overlaid(index, overlays, stop)
            words = recall.begin_words(reader, asked, self.stages)
            with self.timings.stage("encode"):
                vectors = self._query_vectors(asked, stop, wait=wait_for_encoder)
            with self.timings.stage("recall"):
                views = recall.every_view(reader, asked, vectors, self.stages, stop, words=words)
            check(stop)
            with self.timings.stage("rank"):
                hits = self._hits(self._ranked(views, asked), texts, asked.limit, stop)
            return self._result(hits, index, asked.notes, by_meaning=bool(vectors))

        with self.timings.stage("search"):
            return self._with_index(answer, asked.notes, stop)

    def similar(
        self,
        target: Target,
        query: Query | None = None,
        *,
        stop: Event | None = None,
        overlays: Sequence[Overlay] = (),
        wait_for_encoder: bool = False,
        copies: float | None = None,
    ) -> SearchResult:
        """What resembles `target`, best first, itself and what overlaps it left out.

        With `copies` (0 to 1) only near-duplicates: functions that share so much of their code.
        `query` gives filters and limit; its text is read for filters alone. Raises what
        `search` raises, and UsageError when there is nothing at the target.
        """
        asked, notes = typed_filters(query or Query("", limit=self.settings.search.limit))
        where = Filters(asked.languages, asked.kinds, asked.paths, asked.exclude_paths)

        def answer(index: Reader) -> SearchResult:
            lagging = self._lagging(target, overlays, index)
            reader, texts = self._overlaid(index, (*overlays, *lagging), stop)
            origin = origin_of(target, texts, self._units_in)
            vectors = []
            if self.stages.vectors:
                vectors = self._unit_vectors(origin.units, reader, stop, wait=wait_for_encoder)
            check(stop)
            if copies is not None:
                found = copies_of(origin, reader, vectors, texts=texts, least=copies, where=where)
            else:
                found = similar_to(
                    origin,
                    reader,
                    vectors,
                    texts=texts,
                    limit=asked.limit,
                    where=where,
                    stages=self.stages,
                )
            check(stop)
            hits = self._hits(found, texts, asked.limit, stop)
            return self._result(hits, index, notes, by_meaning=bool(vectors))

        with self.timings.stage("similar"):
            return self._with_index(answer, notes, stop)

    def close(self) -> None:
        """Let go of the index. A later question opens it again."""
        with self._lock:
            index, self._index = self._index, None
        if index is not None:
            index.close()

    def _at_a_glance(
        self, unread: Unread, asked: Understood, overlays: Sequence[Overlay], stop: Event | None
    ) -> SearchResult:
        """An answer from the files themselves, by words and names."""
        _ = self.encoder.info  # without an encoder nothing will ever be better than this
        words = dict.fromkeys((*asked.words, *(name.lower() for name in asked.to_look_up)))
        try:
            glimpse = unread.look(tuple(words), asked.filters, stop)
        except UsageError as error:  # the folder is gone, and may come back
            return SearchResult((), 0, 0, (*asked.notes, str(error)))
        check(stop)
        index = reader_of(glimpse, self._parse)
        reader, texts = self._overlaid(index, overlays, stop)
        views = recall.every_view(reader, asked, (), self.stages, stop)
        hits = self._hits(self._ranked(views, asked), texts, asked.limit, stop)
        return SearchResult(hits, 0, 0, (*asked.notes, note_on(glimpse)))

    def _load(self, hold: bool) -> None:
        try:
            preload()
            if hold:
                index = self._opened()
                for _ in range(2):  # the second question is when an index is read into memory
                    index.now()
        except Exception as error:  # whoever asks is told
            _log.info("not loaded ahead of the first question: %s", error)

    def _with_index(
        self, answer: Callable[[Reader], SearchResult], notes: tuple[str, ...], stop: Event | None
    ) -> SearchResult:
        """`answer` from the index, opened anew if it was replaced under our hands."""
        check(stop)
        for attempt in range(2):
            try:
                index = self._opened()
            except StoreDamagedError:  # nothing that is found can be trusted
                raise
            except StoreError as error:  # not made yet, or about to be made again
                return SearchResult((), 0, 0, (*notes, f"{error.message}. {error.remedy}".strip()))
            try:
                return answer(self._through(index.now()))
            except StoreError as error:
                if attempt:
                    raise
                _log.info("opening the index of %s again: %s", self.root, error)
                self._drop(index)
        raise AssertionError("unreachable")

    def _opened(self) -> Index:
        """The index, opened if need be. StoreError if there is none; EncoderError as `describe`."""
        info = self.encoder.info
        with self._lock:
            if self._index is None:
                self._index = Index.open(
                    self.root, fingerprint=info.fingerprint, dimension=info.dimension
                )
            return self._index

    def _drop(self, index: Index) -> None:
        # Not closed: other threads may be in the middle of a question to it.
        with self._lock:
            if self._index is index:
                self._index = None

    def _overlaid(
        self, index: Reader, overlays: Sequence[Overlay], stop: Event | None
    ) -> tuple[Reader, Texts]:
        """The index and the files with `overlays` in place of what they name."""
        if not overlays:
            return index, Texts(self.root)
        buffers = {overlay.path: overlay.text.encode(errors="replace") for overlay in overlays}
        units = {path: self._parse(path, source).units for path, source in buffers.items()}
        check(stop)
        every = [unit for of_file in units.values() for unit in of_file]
        vectors = self._vectors.of(every, index, stop)
        return Overlaid(index, units, vectors), Texts(self.root, buffers)

    def _lagging(self, target: Target, overlays: Sequence[Overlay], index: Reader) -> list[Overlay]:
        """The target's file as a buffer, if the index has it as it no longer is.

        Otherwise the origin's own former self, some lines off, would be found similar to it.
        """
        if target.path is None or any(overlay.path == target.path for overlay in overlays):
            return []
        stored = {(unit.id, unit.content_hash) for unit in index.units_at(target.path)}
        source = Texts(self.root).whole(target.path) if stored else None
        if source is None:
            return []
        overlay = Overlay(target.path, source.decode(errors="replace"))
        now = {(unit.id, unit.content_hash) for unit in self._units_in(target.path, source)}
        return [overlay] if now != stored else []

    def _units_in(self, path: str, source: bytes) -> tuple[Unit, ...]:
        return self._parse(path, source).units

    def _parse(self, path: str, source: bytes) -> ParsedFile:
        key = (path, source)
        with self._lock:
            parsed: ParsedFile | None = self._parsed.get(key)
        if parsed is None:
            parsed = parse(path, source, self._limits)
            with self._lock:
                self._parsed[key] = parsed
        return parsed

    def _query_vectors(
        self, asked: Understood, stop: Event | None, *, wait: bool
    ) -> list[NDArray[np.float32]]:
        """Vectors to search with; none while the encoder is not there. Code as code is encoded."""
        if self.encoder.get(wait, stop) is None:
            return []
        check(stop)
        if asked.kind is not QueryKind.CODE:
            return [self.encoder.query_vector(asked.meaning)]
        language = asked.filters.languages[0] if len(asked.filters.languages) == 1 else None
        units = parse_snippet(asked.text, language).units
        return self._unit_vectors(units, None, stop, wait=wait)

    def _unit_vectors(
        self, units: Sequence[Unit], index: Reader | None, stop: Event | None, *, wait: bool
    ) -> list[NDArray[np.float32]]:
        """All vectors of `units`; waits for the encoder only if one is missing, and if asked."""
        found = self._vectors.of(units, index, stop)
        if wait and len(found) < len({key_of(unit) for unit in units}):
            self.encoder.get(wait=True, stop=stop)
            found = self._vectors.of(units, index, stop)
        return [vector for rows in found.values() for vector in rows]

    def _ranked(self, views: Sequence[View], asked: Understood) -> Iterator[Candidate]:
        calibrated = self.stages.calibrated
        found = blend(views) if calibrated else fuse_ranks(views)
        return ranked(found, asked, self.stages)

    def _hits(
        self, found: Iterable[Candidate], texts: Texts, limit: int, stop: Event | None
    ) -> tuple[Hit, ...]:
        """The first `limit` candidates whose files are still there, with their snippets."""
        exists = functools.cache(texts.exists)
        hits: list[Hit] = []
        for candidate in found:
            if len(hits) >= limit:
                break
            if exists(candidate.unit.path):
                check(stop)
                hits.append(self._hit(candidate, texts))
        return tuple(hits)

    def _hit(self, candidate: Candidate, texts: Texts) -> Hit:
        unit = candidate.unit
        return Hit(
            root=str(self.root),
            path=unit.path,
            language=unit.language,
            kind=unit.kind,
            name=unit.name,
            qualified_name=unit.qualified_name,
            signature=unit.signature,
            span=unit.span,
            name_span=unit.name_span,
            score=candidate.score,
            snippet=texts.snippet(unit.path, unit.span, self.settings.search.snippet_lines),
            explanation=Explanation(dict(candidate.parts), candidate.views),
        )

    def _result(
        self, hits: tuple[Hit, ...], index: Reader, notes: tuple[str, ...], *, by_meaning: bool
    ) -> SearchResult:
        counts = index.counts()
        state = self._state(counts.units, counts.encoded, by_meaning=by_meaning)
        return SearchResult(hits, counts.units, counts.encoded, (*notes, *state))

    def _state(self, units: int, encoded: int, *, by_meaning: bool) -> list[str]:
        """What the user should know about how complete the answer can be."""
        notes = []
        if encoded < units:
            notes.append(f"{encoded:,} of {units:,} units are searchable by meaning so far")
        if by_meaning:
            return notes
        if self.encoder.error is not None:
            notes.append(f"found by words only: {self.encoder.error.message}")
        elif encoded and self.encoder.get() is None:
            notes.append(LOADING)
        return notes


def _directly(index: Reader) -> Reader:
    return index


def merge(results: Sequence[SearchResult], limit: int) -> SearchResult:
    """One answer from those of several roots: the best `limit` hits, every note once."""
    hits = sorted((hit for result in results for hit in result.hits), key=lambda hit: -hit.score)
    return SearchResult(
        hits=tuple(hits[:limit]),
        units=sum(result.units for result in results),
        encoded=sum(result.encoded for result in results),
        notes=tuple(dict.fromkeys(note for result in results for note in result.notes)),
    )
