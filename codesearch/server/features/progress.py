"""Work-done progress while an index is being made, with counts."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types
from pygls.capabilities import get_capability
from pygls.exceptions import JsonRpcException

from codesearch.server.app import CodesearchServer
from codesearch.types import IndexStatus, Phase

_BUSY = frozenset({Phase.SCANNING, Phase.PARSING, Phase.ENCODING})
# Work that ends sooner, as after every save, is not worth a progress bar.
_DELAY_SECONDS = 0.5
_INTERVAL_SECONDS = 0.25


@dataclass(slots=True)
class _Shown:
    """A folder whose progress is shown, or will be in a moment."""

    path: Path
    status: IndexStatus
    closed: bool = False

    @property
    def busy(self) -> bool:
        """Whether there is something to show still."""
        return not self.closed and self.status.phase in _BUSY


def add(server: CodesearchServer) -> None:
    """Show progress for every folder that is busy, in clients that can."""
    shown: dict[Path, _Shown] = {}

    def changed(path: Path, status: IndexStatus) -> None:
        if path in shown:
            shown[path].status = status
        elif status.phase in _BUSY and _can_show(server):
            shown[path] = _Shown(path, status)
            server.work.spawn(show(shown[path]))

    def closed(path: Path) -> None:
        if path in shown:
            shown[path].closed = True

    async def show(what: _Shown) -> None:
        try:
            await asyncio.sleep(_DELAY_SECONDS)
            if what.busy:
                await _show(server, what)
        finally:
            del shown[what.path]

    server.session.listeners.status.append(changed)
    server.session.listeners.closed.append(closed)


async def _show(ls: CodesearchServer, what: _Shown) -> None:
    """From begin to end, whatever happens in between. Cancelling pauses the index."""
    # A new token every time: pygls keeps a token for ever, and refuses one that it has.
    progress, token = ls.work_done_progress, str(uuid.uuid4())
    try:
        await progress.create_async(token)
    except JsonRpcException:
        return  # the client does not want to show anything now
    title = f"Indexing {what.path.name}"
    progress.begin(token, types.WorkDoneProgressBegin(title, cancellable=True, percentage=0))
    try:
        while what.busy and not progress.tokens[token].cancelled():
            progress.report(token, _report(what.status))
            await asyncio.sleep(_INTERVAL_SECONDS)
        if what.busy and (root := ls.session.roots.get(what.path)) is not None:
            await ls.work.admin(root.supervisor.pause)
    finally:
        progress.end(token, types.WorkDoneProgressEnd(message=_counts(what.status)))
        progress.tokens.pop(token, None)


def _can_show(server: CodesearchServer) -> bool:
    return bool(get_capability(server.client_capabilities, "window.work_done_progress"))


def _report(status: IndexStatus) -> types.WorkDoneProgressReport:
    if status.phase is not Phase.ENCODING:
        return types.WorkDoneProgressReport(message=f"{status.phase.value}: {status.units:,} units")
    percentage = 100 * status.encoded // max(1, status.units)
    return types.WorkDoneProgressReport(message=_counts(status), percentage=percentage)


def _counts(status: IndexStatus) -> str:
    return f"{status.encoded:,} of {status.units:,} units encoded"
