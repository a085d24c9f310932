"""Telling the user what a large folder costs to index, while it can still be narrowed or paused.

A message without buttons: many editors ask for an answer in a prompt that stops all typing.
"""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types

from codesearch.server.app import CodesearchServer
from codesearch.server.roots import Root
from codesearch.types import Ahead, IndexStatus

_HOW_TO_PAUSE = "codesearch.pause stops it until codesearch.resume."


def add(server: CodesearchServer) -> None:
    """Tell it once a folder and session, where this server keeps the index."""
    told: set[Path] = set()

    def changed(path: Path, status: IndexStatus) -> None:
        root = server.session.roots.get(path)
        if status.ahead is None or root is None or path in told:
            return
        if root.supervisor.is_leader:  # otherwise another process tells, or has told
            told.add(path)
            server.work.spawn(_tell(server, root, status.ahead))

    server.session.listeners.status.append(changed)


async def _tell(ls: CodesearchServer, root: Root, ahead: Ahead) -> None:
    message = await ls.work.quick(lambda: _message(root, ahead))
    if message is not None and not ls.shutdown_asked:
        ls.window_show_message(types.ShowMessageParams(types.MessageType.Warning, message))


def _message(root: Root, ahead: Ahead) -> str | None:
    """What to tell; nothing if the user was told in another session, of the same work."""
    from codesearch.indexing import forecast

    if forecast.was_told(root.folder.real):
        return None
    forecast.note_told(root.folder.real)
    warning = forecast.warning(root.folder.name, ahead, root.settings)
    return f"codesearch: {warning} {_HOW_TO_PAUSE}"
