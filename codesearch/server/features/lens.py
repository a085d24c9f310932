"""The code lens "N similar", off unless `server.code_lens` is on; counted only when shown."""

from __future__ import annotations

from lsprotocol import types
from pygls.capabilities import get_capability

from codesearch.server import protocol
from codesearch.server.answers import Answer
from codesearch.server.app import CodesearchServer
from codesearch.server.buffers import Buffer
from codesearch.server.failures import invalid
from codesearch.server.features.similar import find
from codesearch.server.positions import Lines, range_of
from codesearch.server.roots import Root
from codesearch.types import Kind

_COUNTED_KINDS = frozenset({Kind.FUNCTION, Kind.METHOD, Kind.CONSTRUCTOR})
# Below this, most hits only have a subject in common. Of the implementations of one method, eight
# in ten reach it; of what else stands among the first ten, less than four.
_ALIKE = 0.5
# Counted no further: the number is an invitation, not a statistic.
_MOST = 10


def add(server: CodesearchServer) -> None:
    """Handle `textDocument/codeLens` and `codeLens/resolve`."""
    shown: dict[str, bool] = {}

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS)
    async def lenses(ls: CodesearchServer, params: types.CodeLensParams) -> list[types.CodeLens]:
        buffer = ls.buffers.get(params.text_document.uri)
        found = ls.session.find(buffer.path) if buffer and buffer.path else None
        if buffer is None or found is None or not found[0].settings.server.code_lens:
            return []
        return await ls.work.search(lambda _: _unresolved(buffer, found[1], ls.encoding))

    @server.feature(types.CODE_LENS_RESOLVE)
    async def resolve(ls: CodesearchServer, lens: types.CodeLens) -> types.CodeLens:
        if not isinstance(lens.data, dict) or not isinstance(lens.data.get("uri"), str):
            raise invalid("Not a lens of this server", "Send back the lens as it was given.")
        params = protocol.SimilarParams(
            text_document=types.TextDocumentIdentifier(lens.data["uri"]),
            position=lens.range.start,
            limit=_MOST,
        )
        lens.command = _command(ls, params, _alike(await find(ls, params)))
        return lens

    def root_opened(root: Root) -> None:
        """Lenses come and go with the setting, without waiting for the next edit."""
        on, before = root.settings.server.code_lens, shown.get(root.uri, False)
        shown[root.uri] = on
        refreshable = "workspace.code_lens.refresh_support"
        if on != before and get_capability(server.client_capabilities, refreshable):
            server.workspace_code_lens_refresh(None)

    server.session.listeners.opened.append(root_opened)


def _unresolved(buffer: Buffer, path: str, encoding: str) -> list[types.CodeLens]:
    from codesearch.languages import parse

    source = buffer.text.encode()
    lines = Lines(source)
    return [
        types.CodeLens(range=range_of(unit.name_span, lines, encoding), data={"uri": buffer.uri})
        for unit in parse(path, source).units
        if unit.kind in _COUNTED_KINDS
    ]


def _alike(found: Answer) -> int:
    return sum(hit.score >= _ALIKE for hit in found.result.hits)


def _command(ls: CodesearchServer, params: protocol.SimilarParams, count: int) -> types.Command:
    assert params.text_document is not None
    arguments = {
        "textDocument": {"uri": params.text_document.uri},
        "position": ls.protocol.to_json(params.position),
    }
    title = f"{count}{'+' if count == _MOST else ''} similar" if count else "nothing similar"
    return types.Command(title, protocol.FIND_SIMILAR_COMMAND, arguments=[arguments])
