"""The code action "Find similar code"."""

from __future__ import annotations

from lsprotocol import types

from codesearch.server import protocol
from codesearch.server.app import CodesearchServer

_TITLE = "Find similar code"


def add(server: CodesearchServer) -> None:
    """Handle `textDocument/codeAction`."""
    options = types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.Empty])

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, options)
    def code_actions(
        ls: CodesearchServer, params: types.CodeActionParams
    ) -> list[types.CodeAction]:
        if not _wanted(params):
            return []
        command = types.Command(
            title=_TITLE,
            command=protocol.FIND_SIMILAR_COMMAND,
            arguments=[
                {
                    "textDocument": {"uri": params.text_document.uri},
                    "range": ls.protocol.to_json(params.range),
                }
            ],
        )
        return [types.CodeAction(title=_TITLE, command=command)]


def _wanted(params: types.CodeActionParams) -> bool:
    context = params.context
    if context.only and types.CodeActionKind.Empty not in context.only:
        return False
    # Offered unasked at every place, it would be a lamp that is always lit.
    unasked = context.trigger_kind == types.CodeActionTriggerKind.Automatic
    return not unasked or params.range.start != params.range.end
