"""Near-duplicates as diagnostics of the open documents, if `duplicates.enabled` is on.

They are published rather than pulled: they change when files are saved and the index has read
them, never while someone types, and every client shows what is published.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

from lsprotocol import types
from pygls.capabilities import get_capability
from pygls.exceptions import JsonRpcException

from codesearch.server import protocol
from codesearch.server.app import CodesearchServer
from codesearch.server.features.duplicates import find_duplicates
from codesearch.types import IndexStatus

_log = logging.getLogger(__name__)

CODE = "near-duplicate"
# Before each document: tabs that are only looked through, and several saves, cost nothing.
_QUIET_SECONDS = 0.5
# Copies that a diagnostic points to.
_MOST_PLACES = 5


def add(server: CodesearchServer) -> None:
    """Publish when documents are opened or saved, and when the index or the settings change."""
    publisher = _Publisher(server)
    server.buffers.listeners.append(publisher.touched)
    server.session.listeners.opened.append(lambda _: publisher.touch_all())
    server.session.listeners.closed.append(lambda _: publisher.touch_all())
    server.session.listeners.status.append(publisher.index_told)


class _Publisher:
    """Looks at one document after the other. Everything here runs on the event loop."""

    def __init__(self, server: CodesearchServer) -> None:
        self._server = server
        self._waiting: dict[str, None] = {}
        self._shown: set[str] = set()
        self._seen: dict[Path, tuple[int, ...]] = {}
        self._is_busy = False

    def touched(self, uri: str) -> None:
        """A document was opened, saved or closed."""
        if self._server.buffers.get(uri) is not None:
            self._later((uri,))
        else:
            self._waiting.pop(uri, None)
            self._show(uri, ())

    def touch_all(self) -> None:
        """What is true of all documents may have changed."""
        self._later(buffer.uri for buffer in self._server.buffers.files())

    def index_told(self, path: Path, status: IndexStatus) -> None:
        """Other files changed, and have been read and encoded."""
        if not status.complete:
            self._seen.pop(path, None)
            return
        now = (status.files, status.units, status.texts_encoded, status.cache_hits)
        before, self._seen[path] = self._seen.get(path), now
        if before != now:
            self.touch_all()

    def _later(self, uris: Iterable[str]) -> None:
        self._waiting.update(dict.fromkeys(uris))
        if self._waiting and not self._is_busy and self._can_show():
            self._is_busy = True
            self._server.work.spawn(self._go_on())

    async def _go_on(self) -> None:
        try:
            while self._waiting and not self._server.shutdown_asked:
                await asyncio.sleep(_QUIET_SECONDS)
                if self._waiting:
                    uri = next(iter(self._waiting))
                    del self._waiting[uri]
                    await self._look_at(uri)
        finally:
            self._is_busy = False

    async def _look_at(self, uri: str) -> None:
        if not self._is_wanted(uri):
            self._show(uri, ())
            return
        before = self._server.buffers.get(uri)
        params = protocol.DuplicatesParams(text_document=types.TextDocumentIdentifier(uri))
        try:
            found = await find_duplicates(self._server, params)
        except JsonRpcException as error:
            _log.info("no duplicates of %s: %s", uri, error)
            return
        now = self._server.buffers.get(uri)
        # Typed in meanwhile: the positions are not right any more, and a save will come.
        if before is not None and now is not None and now.version == before.version:
            self._show(uri, [self._diagnostic(one) for one in found.functions], now.version)

    def _is_wanted(self, uri: str) -> bool:
        buffer = self._server.buffers.get(uri)
        home = self._server.session.find(buffer.path) if buffer and buffer.path else None
        return home is not None and home[0].settings.duplicates.enabled

    def _show(
        self, uri: str, diagnostics: Sequence[types.Diagnostic], version: int | None = None
    ) -> None:
        """Publish, but no emptiness where nothing was before."""
        if diagnostics or uri in self._shown:
            (self._shown.add if diagnostics else self._shown.discard)(uri)
            self._server.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(uri, diagnostics, version)
            )

    def _can_show(self) -> bool:
        name = "text_document.publish_diagnostics"
        return get_capability(self._server.client_capabilities, name) is not None

    def _diagnostic(self, one: protocol.Repeated) -> types.Diagnostic:
        related = "text_document.publish_diagnostics.related_information"
        has_places = get_capability(self._server.client_capabilities, related)
        return types.Diagnostic(
            range=one.selection_range,
            message=_message(one.copies),
            severity=types.DiagnosticSeverity.Information,
            code=CODE,
            source="codesearch",
            related_information=[_place(hit) for hit in one.copies[:_MOST_PLACES]]
            if has_places
            else None,
        )


def _message(copies: Sequence[protocol.SearchHit]) -> str:
    best = copies[0]
    line = best.selection_range.start.line + 1
    more = f", and of {len(copies) - 1} more" if len(copies) > 1 else ""
    return (
        f"Near-duplicate of {best.name} ({best.path}:{line}){more}: "
        f"{best.score:.0%} of the code is the same"
    )


def _place(hit: protocol.SearchHit) -> types.DiagnosticRelatedInformation:
    where = types.Location(hit.location.uri, hit.selection_range)
    return types.DiagnosticRelatedInformation(where, f"{hit.name}, {hit.score:.0%} the same")
