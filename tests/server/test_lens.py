"""The code lens: off, on, and counted only when it is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.server.client import FAKE, ResponseError, Server, opened
from tests.server.conftest import STORE

DEF = STORE.splitlines().index("def read_settings(path):")


def lenses(server: Server, path: Path) -> list[dict[str, Any]]:
    document = {"textDocument": {"uri": path.as_uri()}}
    found: list[dict[str, Any]] = server.request("textDocument/codeLens", document)
    return found


def test_lens(server: Server, workspace: Path) -> None:
    store = workspace / "store.py"
    server.open(workspace)
    server.wait_ready()
    unique = "\n\ndef zebra():\n    return 'stripes'\n"
    server.notify("textDocument/didOpen", opened(store, STORE + unique))
    assert lenses(server, store) == []

    server.settings = {**FAKE, "server": {"codeLens": True}}
    server.notify("workspace/didChangeConfiguration", {"settings": None})
    server.wait_sent("workspace/codeLens/refresh")
    found = lenses(server, store)
    assert len(found) == 5
    assert all("command" not in lens for lens in found)

    (read,) = (lens for lens in found if lens["range"]["start"]["line"] == DEF)
    resolved = server.request("codeLens/resolve", read)
    assert resolved["command"]["title"] == "1 similar"
    (argument,) = resolved["command"]["arguments"]
    assert server.request("codesearch/similar", argument)["hits"][0]["name"] == "load_options"

    zebra = max(found, key=lambda lens: lens["range"]["start"]["line"])
    assert server.request("codeLens/resolve", zebra)["command"]["title"] == "nothing similar"
    assert lenses(server, workspace / "not-open.py") == []
    with pytest.raises(ResponseError) as refused:
        server.request("codeLens/resolve", {"range": read["range"], "data": {"uri": 5}})
    assert refused.value.code == -32602
