"""The code action "Find similar code"."""

from __future__ import annotations

from lsprotocol import types

from codesearch.server import protocol
from codesearch.server.app import CodesearchServer
from codesearch.server.features.diagnostics import CODE

_TITLE = "Find similar code"
_KINDS = (types.CodeActionKind.Empty, types.CodeActionKind.QuickFix)


def add(server: CodesearchServer) -> None:
    """Handle `textDocument/codeAction`."""
    options = types.CodeActionOptions(code_action_kinds=_KINDS)

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, options)
    def code_actions(
        ls: CodesearchServer, params: types.CodeActionParams
    ) -> list[types.CodeAction]:
        told = [one for one in params.context.diagnostics if one.code == CODE]
        kind = types.CodeActionKind.QuickFix if told else types.CodeActionKind.Empty
        if not _wanted(params, kind):
            return []
        command = types.Command(
            title=_TITLE,
            command=protocol.FIND_SIMILAR_COMMAND,
            arguments=[
                {
                    "textDocument": {"uri": params.text_document.uri},
                    "range": ls.protocol.to_json(told[0].range if told else params.range),
                }
            ],
        )
        action = types.CodeAction(title=_TITLE, command=command)
        if told:  # what leads from the diagnostic to the places it tells of
            action.kind, action.diagnostics = kind, told
        return [action]


def _wanted(params: types.CodeActionParams, kind: types.CodeActionKind) -> bool:
    context = params.context
    if context.only and kind not in context.only:
        return False
    # Offered unasked at every place, it would be a lamp that is always lit.
    unasked = context.trigger_kind == types.CodeActionTriggerKind.Automatic
    is_empty = params.range.start == params.range.end
    return not unasked or not is_empty or kind == types.CodeActionKind.QuickFix
