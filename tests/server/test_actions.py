"""The code action and the command behind it, in clients with and without their own interface."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.server.client import Server
from tests.server.conftest import STORE, Shared

READ = STORE.splitlines().index("def read_settings(path):")


def actions(shared: Shared, *, selected: bool = True, **context: Any) -> list[dict[str, Any]]:
    start = {"line": READ, "character": 0}
    params = {
        "textDocument": {"uri": shared.uri("store.py")},
        "range": {"start": start, "end": {"line": READ + 4, "character": 0} if selected else start},
        "context": {"diagnostics": [], **context},
    }
    found: list[dict[str, Any]] = shared.server.request("textDocument/codeAction", params)
    return found


def test_offered_when_asked_for(shared: Shared) -> None:
    for selected in (True, False):
        (action,) = actions(shared, selected=selected, triggerKind=1)
        assert action["title"] == "Find similar code"
        assert action["command"]["command"] == "codesearch.findSimilar"
    assert len(actions(shared)) == 1  # a client that does not say why it asks


def test_unasked_only_for_a_selection(shared: Shared) -> None:
    assert len(actions(shared, triggerKind=2)) == 1
    assert actions(shared, triggerKind=2, selected=False) == []


def test_not_among_actions_of_another_kind(shared: Shared) -> None:
    assert actions(shared, only=["quickfix"]) == []
    assert len(actions(shared, only=[""])) == 1


def test_its_arguments_are_params_of_similar(shared: Shared) -> None:
    (argument,) = actions(shared)[0]["command"]["arguments"]
    hits = shared.server.request("codesearch/similar", argument)["hits"]
    assert hits[0]["name"] == "load_options"


def test_the_command_serves_a_plain_client(shared: Shared) -> None:
    command = actions(shared)[0]["command"]
    params = {"command": command["command"], "arguments": command["arguments"]}
    locations = shared.server.request("workspace/executeCommand", params)
    assert locations[0]["uri"] == shared.uri("store.py")
    assert locations[0]["range"]["start"]["line"] > READ
    shown = shared.server.wait_sent("window/showDocument")
    assert shown["uri"] == locations[0]["uri"]
    assert shown["selection"]["start"]["line"] == locations[0]["range"]["start"]["line"]
    message = shared.server.wait_sent("window/showMessage")["message"]
    assert f"store.py:{locations[0]['range']['start']['line'] + 1} load_options" in message


def test_a_client_that_cannot_show_documents_is_told(start: Callable[..., Server]) -> None:
    server = start()
    server.open(capabilities={})
    params = {"command": "codesearch.findSimilar", "arguments": [{"text": "def f(): pass"}]}
    assert server.request("workspace/executeCommand", params) == []
    message = server.wait_sent("window/showMessage")["message"]
    assert "No folder is open" in message
    assert server.sent("window/showDocument") == []
