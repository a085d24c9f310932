"""Open documents: searched as they are on the screen, encoded first, read again when saved."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path

from lsprotocol import types

from codesearch.server.app import CodesearchServer
from codesearch.server.buffers import path_of
from codesearch.server.roots import Root
from codesearch.settings import PROJECT_FILE


def add(server: CodesearchServer) -> None:
    """Handle what happens to documents and, for clients that watch files, to files."""

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(ls: CodesearchServer, params: types.DidOpenTextDocumentParams) -> None:
        buffer = ls.buffers.open(params.text_document)
        found = ls.session.find(buffer.path) if buffer.path else None
        if found is not None:
            root, path = found
            _later(ls, functools.partial(root.supervisor.prioritise, [path]))

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(ls: CodesearchServer, params: types.DidChangeTextDocumentParams) -> None:
        ls.buffers.change(params)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(ls: CodesearchServer, params: types.DidCloseTextDocumentParams) -> None:
        ls.buffers.close(params.text_document.uri)
        ls.unsaved.forget(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(ls: CodesearchServer, params: types.DidSaveTextDocumentParams) -> None:
        ls.buffers.save(params.text_document.uri)
        _touch(ls, [params.text_document.uri])

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(ls: CodesearchServer, params: types.DidChangeWatchedFilesParams) -> None:
        _touch(ls, [change.uri for change in params.changes])

    def root_opened(root: Root) -> None:
        held = [server.session.find(b.path) for b in server.buffers.files() if b.path]
        paths = [found[1] for found in held if found is not None and found[0] is root]
        if paths:
            _later(server, functools.partial(root.supervisor.prioritise, paths))

    server.session.listeners.opened.append(root_opened)


def _touch(ls: CodesearchServer, uris: Iterable[str]) -> None:
    """Have changed files read now, rather than when the watcher sees them."""
    changed: dict[Path, tuple[Root, list[str]]] = {}
    for path in filter(None, map(path_of, uris)):
        if (found := ls.session.find(path)) is not None:
            root, relative = found
            changed.setdefault(root.path, (root, []))[1].append(relative)
    for root, paths in changed.values():
        _later(ls, functools.partial(root.supervisor.touch, paths))
        if PROJECT_FILE in paths:
            ls.work.spawn(ls.session.reconfigure())


def _later(ls: CodesearchServer, call: functools.partial[None]) -> None:
    """Off the loop: telling a worker, or another server's, may wait for a pipe or a disk."""
    ls.work.spawn(ls.work.admin(call))
