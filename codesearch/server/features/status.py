"""`codesearch/status`: how the indexes stand, when asked and when it changes."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable

from codesearch import __version__
from codesearch.server import protocol
from codesearch.server.app import CodesearchServer
from codesearch.server.buffers import display_path
from codesearch.server.roots import Root

# Notifications are this far apart at least; the last state is always told.
_INTERVAL_SECONDS = 0.25


def add(server: CodesearchServer) -> None:
    """Handle the request, and send the notification."""
    throttle = _Throttle(server)
    server.session.listeners.opened.append(lambda _: throttle.changed())
    server.session.listeners.status.append(lambda *_: throttle.changed())
    server.session.listeners.closed.append(lambda _: throttle.changed())

    @server.feature(protocol.STATUS)
    async def status(ls: CodesearchServer, params: protocol.RootsParams) -> protocol.StatusResponse:
        await ls.session.started.wait()
        return await report(ls, ls.session.choose(params.roots))


async def report(ls: CodesearchServer, roots: Iterable[Root]) -> protocol.StatusResponse:
    """The state of `roots` as the protocol says it."""
    held = tuple(roots)
    return protocol.StatusResponse(
        version=__version__,
        protocol_version=protocol.PROTOCOL_VERSION,
        pid=os.getpid(),
        roots=await ls.work.quick(lambda: [_root_status(root) for root in held]),
    )


class _Throttle:
    """Sends the state a moment after it changed, however often that is within the moment."""

    def __init__(self, server: CodesearchServer) -> None:
        self._server = server
        self._pending = False

    def changed(self) -> None:
        if not self._pending:
            self._pending = True
            self._server.work.spawn(self._send())

    async def _send(self) -> None:
        await asyncio.sleep(_INTERVAL_SECONDS)
        self._pending = False
        status = await report(self._server, self._server.session.roots.values())
        if not self._server.shutdown_asked:
            self._server.protocol.send_status(status)


def _root_status(root: Root) -> protocol.RootStatus:
    status = root.status
    scanned = status.last_scan_at
    return protocol.RootStatus(
        root=root.uri,
        path=display_path(str(root.path)),
        name=root.folder.name,
        phase=status.phase.value,
        complete=status.complete,
        is_writer=root.supervisor.is_leader,
        files=status.files,
        units=status.units,
        encoded=status.encoded,
        pending=status.pending,
        skipped=dict(status.skipped),
        texts_encoded=status.texts_encoded,
        cache_hits=status.cache_hits,
        encoder=status.encoder,
        warnings=status.warnings,
        staleness=protocol.Staleness(
            dirty=status.dirty,
            seconds_since_scan=round(max(0.0, time.time() - scanned), 1) if scanned else None,
        ),
        writer_pid=status.writer_pid,
        current_file=display_path(status.current_file) if status.current_file else None,
        last_error=status.last_error,
    )
