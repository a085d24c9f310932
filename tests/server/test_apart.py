"""The server never parses itself: a grammar can neither hold it up nor take it along."""

from __future__ import annotations

import time
from pathlib import Path

import psutil

from tests.server.client import Server

SWIFT = "struct Basket {\n    func totalOfPrices() -> Int { return prices.reduce(0, +) }\n}\n"


def loaded(process: psutil.Process) -> bool:
    """Whether a process has tree-sitter or a grammar in its memory."""
    return any("tree_sitter" in region.path for region in process.memory_maps())


def helpers(server: Server) -> list[psutil.Process]:
    children = psutil.Process(server.process.pid).children()
    return [child for child in children if "codesearch.helper" in child.cmdline()]


def ask(server: Server, workspace: Path) -> list[str]:
    """Questions about an unsaved buffer, which has to be parsed to answer them."""
    uri = (workspace / "Basket.swift").as_uri()
    server.request(
        "codesearch/similar",
        {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 9}},
    )
    return [hit["name"] for hit in server.search("total of prices")]


def test_a_helper_parses_buffers_and_may_die(ready: Server, workspace: Path) -> None:
    uri = (workspace / "Basket.swift").as_uri()
    item = {"uri": uri, "languageId": "swift", "version": 1, "text": SWIFT}
    ready.notify("textDocument/didOpen", {"textDocument": item})
    assert "totalOfPrices" in ask(ready, workspace)
    assert not loaded(psutil.Process(ready.process.pid))
    (helper,) = helpers(ready)
    assert loaded(helper)
    helper.kill()
    while helper.status() != psutil.STATUS_ZOMBIE:  # until the server looks after it
        time.sleep(0.01)
    change = {
        "textDocument": {"uri": uri, "version": 2},
        "contentChanges": [{"text": SWIFT.replace("totalOfPrices", "sumOfPrices")}],
    }
    ready.notify("textDocument/didChange", change)
    assert "sumOfPrices" in ask(ready, workspace)


def test_the_helper_ends_with_the_server(ready: Server, workspace: Path) -> None:
    uri = (workspace / "Basket.swift").as_uri()
    item = {"uri": uri, "languageId": "swift", "version": 1, "text": SWIFT}
    ready.notify("textDocument/didOpen", {"textDocument": item})
    ask(ready, workspace)
    (helper,) = helpers(ready)
    ready.process.kill()
    helper.wait(10)
