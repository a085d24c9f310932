"""Workspace folders: those of `initialize`, and those added and removed later."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types

from codesearch.server.app import CodesearchServer


def add(server: CodesearchServer) -> None:
    """Handle `workspace/didChangeWorkspaceFolders`."""

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def changed(ls: CodesearchServer, params: types.DidChangeWorkspaceFoldersParams) -> None:
        ls.work.spawn(_change(ls, params.event))


def first(params: types.InitializeParams) -> list[tuple[str, str]]:
    """(URI, name) of the folders that `initialize` names, in its newer or its older ways."""
    if params.workspace_folders:
        return [(folder.uri, folder.name) for folder in params.workspace_folders]
    if params.root_uri:
        return [(params.root_uri, "")]
    path = Path(params.root_path) if params.root_path else None
    return [(path.as_uri(), "")] if path is not None and path.is_absolute() else []


async def _change(ls: CodesearchServer, event: types.WorkspaceFoldersChangeEvent) -> None:
    await ls.session.started.wait()  # so that changes come after what they change
    await ls.session.close([folder.uri for folder in event.removed])
    await ls.session.open([(folder.uri, folder.name) for folder in event.added])
