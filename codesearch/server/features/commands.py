"""`codesearch.findSimilar` for clients that leave commands to the server.

A client with an interface of its own handles the command itself and sends
`codesearch/similar`. For the others the server does what LSP lets it: it shows the best
place, tells the next ones in a message, and returns all of them.
"""

from __future__ import annotations

from typing import Any

import cattrs
from lsprotocol import types
from pygls.capabilities import get_capability

from codesearch.server import protocol
from codesearch.server.answers import located
from codesearch.server.app import CodesearchServer
from codesearch.server.failures import invalid
from codesearch.server.features.similar import find

# Hits told in a message; more would not fit where clients show one.
_TOLD = 5


def add(server: CodesearchServer) -> None:
    """Handle the command through `workspace/executeCommand`."""

    @server.command(protocol.FIND_SIMILAR_COMMAND)
    async def find_similar(ls: CodesearchServer, arguments: list[Any]) -> list[types.Location]:
        found = await find(ls, _params(arguments))
        hits = await located(ls, found)
        ls.window_show_message(
            types.ShowMessageParams(types.MessageType.Info, _summary(hits, found.result.notes))
        )
        if hits and get_capability(ls.client_capabilities, "window.show_document.support"):
            ls.work.spawn(_show(ls, hits[0]))
        return [hit.location for hit in hits]


async def _show(ls: CodesearchServer, hit: protocol.SearchHit) -> None:
    await ls.window_show_document_async(
        types.ShowDocumentParams(
            uri=hit.location.uri, take_focus=True, selection=hit.selection_range
        )
    )


def _params(arguments: list[Any]) -> protocol.SimilarParams:
    try:
        return protocol.read_params(arguments[0], protocol.SimilarParams)
    except (IndexError, TypeError, ValueError, cattrs.BaseValidationError) as error:
        raise invalid(
            f"Not the arguments of {protocol.FIND_SIMILAR_COMMAND}: {protocol.reason(error)}",
            "Give the params of codesearch/similar as the only argument.",
        ) from error


def _summary(hits: list[protocol.SearchHit], notes: tuple[str, ...]) -> str:
    if not hits:
        return "; ".join(("No similar code found", *notes))
    told = [
        f"{hit.path}:{hit.location.range.start.line + 1} {hit.name} ({hit.score:.2f})"
        for hit in hits[:_TOLD]
    ]
    return "Similar code: " + ", ".join(told)
