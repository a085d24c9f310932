"""`codesearch/status`: how the indexes stand, when asked and when it changes."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import time
from collections.abc import Awaitable, Callable, Iterable

from codesearch import __version__
from codesearch.server import protocol
from codesearch.server.app import CodesearchServer
from codesearch.server.buffers import display_path
from codesearch.server.roots import Root
from codesearch.timing import write_latency

# Notifications are this far apart at least; the last state is always told.
_INTERVAL_SECONDS = 0.25
_LATENCY_SECONDS = 5.0  # after a question, for those that follow it


def add(server: CodesearchServer) -> None:
    """Handle the request, and send the notification."""
    throttle = _Throttle(server, _INTERVAL_SECONDS, lambda: _tell(server))
    latency = _Throttle(server, _LATENCY_SECONDS, lambda: _keep_latency(server))
    server.session.listeners.answered.append(latency.changed)
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
    searching, waiting = ls.work.searching

    def looked_up() -> protocol.StatusResponse:
        roots = [_root_status(root) for root in held]
        memory = _memory([os.getpid()])
        worker_memory = _memory({root.writer_pid for root in roots})
        return protocol.StatusResponse(
            version=__version__,
            protocol_version=protocol.PROTOCOL_VERSION,
            pid=os.getpid(),
            load=protocol.Load(
                searching=searching, waiting=waiting, memory=memory, worker_memory=worker_memory
            ),
            roots=roots,
        )

    return await ls.work.quick(looked_up)


def _memory(pids: Iterable[int | None]) -> int:
    """Resident bytes of processes together; one that has ended, or cannot be read, has none."""
    import psutil  # not needed to answer `initialize`

    found = 0
    for pid in pids:
        if pid is not None:
            with contextlib.suppress(psutil.Error, OSError):  # as when no descriptor is free
                found += psutil.Process(pid).memory_info().rss
    return found


class _Throttle:
    """Does something a while after a change, however many there are within the while."""

    def __init__(
        self, server: CodesearchServer, seconds: float, then: Callable[[], Awaitable[None]]
    ) -> None:
        self._server = server
        self._seconds = seconds
        self._then = then
        self._changed = self._going = False

    def changed(self) -> None:
        self._changed = True
        if not self._going:
            self._going = True
            self._server.work.spawn(self._tell())

    async def _tell(self) -> None:
        """One after the other: what was looked up earlier must never be told later."""
        try:
            while self._changed:
                await asyncio.sleep(self._seconds)
                self._changed = False
                await self._then()
        finally:
            self._going = False


async def _tell(ls: CodesearchServer) -> None:
    status = await report(ls, ls.session.roots.values())
    if not ls.shutdown_asked:
        ls.protocol.send_status(status)


async def _keep_latency(ls: CodesearchServer) -> None:
    """Leave the timings beside the indexes, for `codesearch status`."""
    for root in tuple(ls.session.roots.values()):
        with contextlib.suppress(OSError):  # no index yet, or no room: only a diagnosis is lost
            await ls.work.quick(
                functools.partial(write_latency, root.folder.real, root.searcher.timings.summary())
            )


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
        latency=root.searcher.timings.summary(),
        probe_cosine=status.probe_cosine,
        writer_pid=status.writer_pid,
        current_file=display_path(status.current_file) if status.current_file else None,
        last_error=status.last_error,
    )
