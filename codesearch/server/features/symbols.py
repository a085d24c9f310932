"""`workspace/symbol`: search in any client, with an identifier or a question in words."""

from __future__ import annotations

from lsprotocol import types

from codesearch.server import protocol
from codesearch.server.answers import answer, located
from codesearch.server.app import CodesearchServer
from codesearch.types import Kind, Query

# Clients show these in a list that is filtered while typing, so a page of them is enough.
_LIMIT = 50

_SYMBOL_KINDS = {
    Kind.FUNCTION: types.SymbolKind.Function,
    Kind.METHOD: types.SymbolKind.Method,
    Kind.CONSTRUCTOR: types.SymbolKind.Constructor,
    Kind.CLASS: types.SymbolKind.Class,
    Kind.INTERFACE: types.SymbolKind.Interface,
    Kind.STRUCT: types.SymbolKind.Struct,
    Kind.ENUM: types.SymbolKind.Enum,
    Kind.TRAIT: types.SymbolKind.Interface,
    Kind.MODULE: types.SymbolKind.Module,
    Kind.TYPE: types.SymbolKind.Class,
    Kind.MACRO: types.SymbolKind.Constant,
    Kind.WINDOW: types.SymbolKind.File,
}


def add(server: CodesearchServer) -> None:
    """Handle `workspace/symbol`."""

    @server.feature(types.WORKSPACE_SYMBOL)
    async def symbols(
        ls: CodesearchServer, params: types.WorkspaceSymbolParams
    ) -> list[types.WorkspaceSymbol]:
        if not params.query.strip():
            return []  # clients ask so when their list opens
        query = Query(protocol.well_formed(params.query), limit=_LIMIT)
        found = await answer(
            ls,
            (),
            _LIMIT,
            lambda root, stop, overlays: root.searcher.search(query, stop=stop, overlays=overlays),
        )
        symbols = [_symbol(hit) for hit in await located(ls, found)]
        if params.partial_result_token is None:
            return symbols
        ls.progress(types.ProgressParams(params.partial_result_token, symbols))
        return []


def _symbol(hit: protocol.SearchHit) -> types.WorkspaceSymbol:
    """With a full range: some clients drop symbols that have only a URI."""
    scope = hit.qualified_name.removesuffix(hit.name).rstrip(".:#/\\")
    return types.WorkspaceSymbol(
        name=hit.name,
        kind=_SYMBOL_KINDS[hit.kind],
        location=hit.location,
        container_name=f"{scope} ({hit.path})" if scope else hit.path,
    )
