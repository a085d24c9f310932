"""From a question to hits with the client's positions: what every searching feature shares."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from lsprotocol import types

from codesearch.errors import CodesearchError, SearchCancelledError, StoreDamagedError
from codesearch.paths import read_regular_file
from codesearch.server import protocol
from codesearch.server.app import CodesearchServer
from codesearch.server.buffers import MOST_BYTES, Buffer, display_path
from codesearch.server.failures import translated
from codesearch.server.positions import Lines, range_of
from codesearch.server.roots import Root
from codesearch.types import Hit, IndexStatus, SearchResult

if TYPE_CHECKING:
    from codesearch.search import Overlay

NO_FOLDER = "No folder is open, so there is nothing to search."

# Hits sent at a time to a client that asked for parts.
_BATCH = 10
# Addresses remembered: the same files are found again with each letter that is typed.
_ADDRESSES = 4096

Ask = Callable[[Root, Event, "Sequence[Overlay]"], SearchResult]


@dataclass(frozen=True, slots=True)
class Answer:
    """A merged result, and the texts that the spans of its hits are of where not the files'."""

    result: SearchResult
    complete: bool
    homes: Mapping[str, Root] = field(default_factory=dict)  # a hit's `root` -> the folder
    unsaved: Mapping[tuple[Path, str], str] = field(default_factory=dict)

    @property
    def completeness(self) -> protocol.Completeness:
        """How much stood behind it, as the protocol says it."""
        return protocol.Completeness(
            units=self.result.units, encoded=self.result.encoded, complete=self.complete
        )


async def answer(ls: CodesearchServer, uris: Sequence[str], limit: int, ask: Ask) -> Answer:
    """Ask every folder at once, off the event loop, and merge what they say.

    Cancelling this stops the work. A folder that fails is a note if another one answers.
    """
    await ls.session.started.wait()
    roots = ls.session.choose(uris)
    if not roots:
        return Answer(SearchResult((), 0, 0, (NO_FOLDER,)), complete=True)
    buffers = _buffers_by_root(ls, roots)
    with translated():
        parts = await asyncio.gather(
            *(_ask_one(ls, root, buffers[root.path], ask) for root in roots)
        )
        for listener in ls.session.listeners.answered:
            listener()
        return _merged(roots, parts, limit)


@dataclass(frozen=True, slots=True)
class _Part:
    result: SearchResult | None
    error: CodesearchError | None = None
    unsaved: Mapping[str, str] = field(default_factory=dict)
    complete: bool = False  # whether the index was


async def _ask_one(
    ls: CodesearchServer, root: Root, buffers: Mapping[str, Buffer], ask: Ask
) -> _Part:
    def work(stop: Event) -> _Part:
        from codesearch.search import Overlay

        status = root.status if any(buffer.saved_at for buffer in buffers.values()) else None
        unsaved = {
            path: buffer.text
            for path, buffer in buffers.items()
            if _not_indexed_yet(buffer, status) or ls.unsaved.differs(buffer)
        }
        overlays = [Overlay(path, text) for path, text in unsaved.items()]
        try:
            return _Part(ask(root, stop, overlays), None, unsaved, root.status.complete)
        except SearchCancelledError:
            raise
        except CodesearchError as error:
            if isinstance(error, StoreDamagedError):
                root.supervisor.look()  # its writer may live, and would not notice by itself
            return _Part(None, error)

    return await ls.work.search(work)


def _not_indexed_yet(buffer: Buffer, status: IndexStatus | None) -> bool:
    """Whether a save may not have reached the index, so that the screen is the better source."""
    if status is None or not buffer.saved_at:
        return False
    return status.dirty > 0 or status.updated_at < buffer.saved_at


def _buffers_by_root(ls: CodesearchServer, roots: Sequence[Root]) -> dict[Path, dict[str, Buffer]]:
    held: dict[Path, dict[str, Buffer]] = {root.path: {} for root in roots}
    for buffer in ls.buffers.files():
        found = ls.session.find(buffer.path) if buffer.path else None
        if found is not None and found[0].path in held:
            held[found[0].path][found[1]] = buffer
    return held


def _merged(roots: Sequence[Root], parts: Sequence[_Part], limit: int) -> Answer:
    from codesearch.search import merge

    results = [part.result for part in parts if part.result is not None]
    errors = [part.error for part in parts if part.error is not None]
    if not results:
        raise errors[0]
    notes = tuple(str(error) for error in errors)
    if notes:
        results.append(SearchResult((), 0, 0, notes))
    return Answer(
        result=merge(results, limit),
        complete=all(part.complete for part in parts),
        homes={str(root.path): root for root in roots},
        unsaved={
            (root.path, path): text
            for root, part in zip(roots, parts, strict=True)
            for path, text in part.unsaved.items()
        },
    )


async def located(
    ls: CodesearchServer, found: Answer, partial: types.ProgressToken | None = None
) -> list[protocol.SearchHit]:
    """The hits with ranges in the client's encoding.

    With a token they are sent as parts, as soon as they are ready, and none is returned.
    """
    hits = found.result.hits
    if partial is None:
        # All at once: to be woken costs the event loop as much as to convert some.
        return await ls.work.search(functools.partial(_convert, hits, found, ls.encoding))
    for batch in _batches(hits):
        ready = await ls.work.search(functools.partial(_convert, batch, found, ls.encoding))
        ls.progress(types.ProgressParams(partial, protocol.PartialHits(hits=ready)))
    return []


def _batches(hits: Sequence[Hit]) -> Iterator[Sequence[Hit]]:
    for start in range(0, len(hits), _BATCH):
        yield hits[start : start + _BATCH]


def _convert(
    hits: Sequence[Hit], found: Answer, encoding: str, stop: Event
) -> list[protocol.SearchHit]:
    lines: dict[tuple[str, str], Lines] = {}
    converted = []
    for hit in hits:
        if stop.is_set():
            break
        home = found.homes[hit.root]
        key = (hit.root, hit.path)
        if key not in lines:
            lines[key] = _lines(home.path, hit.path, found.unsaved)
        converted.append(_search_hit(hit, home, lines[key], encoding))
    return converted


def _lines(root: Path, path: str, unsaved: Mapping[tuple[Path, str], str]) -> Lines:
    from codesearch.languages import to_utf8

    text = unsaved.get((root, path))
    if text is not None:
        return Lines(text.encode())
    try:
        return Lines(to_utf8(read_regular_file(root / path, MOST_BYTES, follow=True)))
    except OSError:  # gone since it was indexed, or no file any more: there is only its start
        return Lines(b"")


@functools.lru_cache(_ADDRESSES)
def _address(root: Path, path: str) -> str:
    return (root / path).as_uri()


def _search_hit(hit: Hit, home: Root, lines: Lines, encoding: str) -> protocol.SearchHit:
    uri = _address(home.path, hit.path)
    return protocol.SearchHit(
        location=types.Location(uri, range_of(hit.span, lines, encoding)),
        selection_range=range_of(hit.name_span, lines, encoding),
        root=home.uri,
        path=display_path(hit.path),
        kind=hit.kind,
        name=hit.name,
        qualified_name=hit.qualified_name,
        signature=hit.signature,
        language=hit.language,
        score=hit.score,
        snippet=hit.snippet,
        explanation=protocol.WhyFound(
            parts=dict(hit.explanation.parts), views=hit.explanation.views
        ),
    )
