"""Near-duplicates: as a request, and as diagnostics that come with saves and never with typing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.search.test_copies import COPY, FETCH, GETTERS
from tests.server.client import CAPABILITIES, FAKE, ResponseError, Server, opened

ON = {**FAKE, "duplicates": {"enabled": True}}
PUBLISH = "textDocument/publishDiagnostics"
SHOWS = {**CAPABILITIES, "textDocument": {"publishDiagnostics": {"relatedInformation": True}}}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    root.mkdir()
    (root / "orders.py").write_text(FETCH)
    (root / "tickets.py").write_text(COPY)
    (root / "a.py").write_text(GETTERS)
    (root / "b.py").write_text(GETTERS)
    return root


@pytest.fixture
def watching(server: Server, shop: Path) -> Server:
    """A server that publishes, its folder indexed."""
    server.settings = ON
    server.open(shop, capabilities=SHOWS)
    server.wait_ready()
    return server


def published(server: Server, file: Path, count: int) -> list[dict[str, Any]]:
    """The diagnostics of a file, once the last ones that came are as many as wanted."""

    def last() -> dict[str, Any] | None:
        found = [each for each in server.sent(PUBLISH) if each["uri"] == file.as_uri()]
        return found[-1] if found and len(found[-1]["diagnostics"]) == count else None

    diagnostics: list[dict[str, Any]] = server.until(last)["diagnostics"]
    return diagnostics


def save(server: Server, file: Path, text: str, version: int) -> None:
    server.notify(
        "textDocument/didChange",
        {
            "textDocument": {"uri": file.as_uri(), "version": version},
            "contentChanges": [{"text": text}],
        },
    )
    file.write_text(text)
    server.notify("textDocument/didSave", {"textDocument": {"uri": file.as_uri()}})


def test_the_request_tells_functions_and_their_copies(server: Server, shop: Path) -> None:
    server.open(shop)
    server.wait_ready()
    document = {"textDocument": {"uri": (shop / "orders.py").as_uri()}}
    (one,) = server.request("codesearch/duplicates", document)["functions"]
    assert (one["name"], one["kind"]) == ("fetch_orders", "function")
    assert one["selectionRange"]["start"] == {"line": 1, "character": 4}
    (copy,) = one["copies"]
    assert (copy["name"], copy["path"]) == ("load_tickets", "tickets.py")
    assert 0.9 < copy["score"] < 1.0

    strict = server.request("codesearch/duplicates", {**document, "threshold": 0.99})
    assert strict["functions"] == []
    elsewhere = {**document, "excludePaths": ["tickets.py"]}
    assert server.request("codesearch/duplicates", elsewhere)["functions"] == []
    getters = {"textDocument": {"uri": (shop / "a.py").as_uri()}, "threshold": 0.5}
    assert server.request("codesearch/duplicates", getters)["functions"] == []


def test_params_that_make_no_sense_are_refused(server: Server, shop: Path) -> None:
    server.open(shop)
    inside = {"uri": (shop / "orders.py").as_uri()}
    for params in (
        {},
        {"textDocument": inside, "threshold": 2},
        {"textDocument": {"uri": "untitled:one"}},
        {"textDocument": {"uri": (shop.parent / "outside.py").as_uri()}},
    ):
        with pytest.raises(ResponseError) as refused:
            server.request("codesearch/duplicates", params)
        assert refused.value.code == -32602


def test_other_folders_are_compared_too(server: Server, shop: Path, tmp_path: Path) -> None:
    other = tmp_path / "office"
    other.mkdir()
    (shop / "tickets.py").rename(other / "tickets.py")
    server.open(shop, other)
    server.wait_ready()
    document = {"textDocument": {"uri": (shop / "orders.py").as_uri()}}
    (one,) = server.request("codesearch/duplicates", document)["functions"]
    assert one["copies"][0]["root"] == other.as_uri()
    here = {**document, "roots": [shop.as_uri()]}
    assert server.request("codesearch/duplicates", here)["functions"] == []


def test_nothing_is_published_unless_it_is_wanted(server: Server, shop: Path) -> None:
    server.settings = FAKE
    server.open(shop, capabilities=SHOWS)
    server.wait_ready()
    orders = shop / "orders.py"
    server.notify("textDocument/didOpen", opened(orders, FETCH))
    server.request("codesearch/duplicates", {"textDocument": {"uri": orders.as_uri()}})
    assert server.sent(PUBLISH) == []

    server.settings = ON  # live, and so is switching it off
    server.notify("workspace/didChangeConfiguration", {"settings": None})
    published(server, orders, 1)
    server.settings = FAKE
    server.notify("workspace/didChangeConfiguration", {"settings": None})
    published(server, orders, 0)


def test_a_diagnostic_points_to_the_other_places(watching: Server, shop: Path) -> None:
    orders = shop / "orders.py"
    watching.notify("textDocument/didOpen", opened(orders, FETCH))
    (found,) = published(watching, orders, 1)
    assert found["severity"] == 3
    assert (found["source"], found["code"]) == ("codesearch", "near-duplicate")
    assert found["range"]["start"] == {"line": 1, "character": 4}
    assert found["message"].startswith("Near-duplicate of load_tickets (tickets.py:2): 9")
    (place,) = found["relatedInformation"]
    assert place["location"]["uri"] == (shop / "tickets.py").as_uri()
    assert place["location"]["range"]["start"] == {"line": 1, "character": 4}

    watching.notify("textDocument/didClose", {"textDocument": {"uri": orders.as_uri()}})
    published(watching, orders, 0)


def test_saves_here_and_changes_elsewhere_are_followed(watching: Server, shop: Path) -> None:
    orders = shop / "orders.py"
    watching.notify("textDocument/didOpen", opened(orders, FETCH))
    published(watching, orders, 1)
    (shop / "tickets.py").write_text("def load_tickets():\n    return []\n")
    published(watching, orders, 0)
    (shop / "more.py").write_text(COPY)
    published(watching, orders, 1)
    save(watching, orders, "def fetch_orders():\n    return []\n", 2)
    published(watching, orders, 0)
    save(watching, orders, FETCH + COPY.replace("load_tickets", "load_more"), 3)
    assert len(published(watching, orders, 2)[1]["relatedInformation"]) == 2


def test_a_client_without_related_places_gets_the_message_alone(
    start: Callable[..., Server], shop: Path
) -> None:
    server = start()
    server.settings = ON
    capabilities = {**CAPABILITIES, "textDocument": {"publishDiagnostics": {}}}
    server.open(shop, capabilities=capabilities)
    server.wait_ready()
    server.notify("textDocument/didOpen", opened(shop / "orders.py", FETCH))
    (found,) = published(server, shop / "orders.py", 1)
    assert "relatedInformation" not in found
    assert "tickets.py:2" in found["message"]


def test_the_code_action_is_offered_at_the_diagnostic(watching: Server, shop: Path) -> None:
    orders = shop / "orders.py"
    watching.notify("textDocument/didOpen", opened(orders, FETCH))
    (found,) = published(watching, orders, 1)
    params = {
        "textDocument": {"uri": orders.as_uri()},
        "range": found["range"],
        "context": {"diagnostics": [found], "triggerKind": 2},
    }
    (action,) = watching.request("textDocument/codeAction", params)
    assert (action["kind"], action["title"]) == ("quickfix", "Find similar code")
    assert action["diagnostics"][0]["code"] == "near-duplicate"
    hits = watching.request("codesearch/similar", action["command"]["arguments"][0])["hits"]
    assert hits[0]["name"] == "load_tickets"
