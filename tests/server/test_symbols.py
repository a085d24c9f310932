"""`workspace/symbol`: identifiers and questions, in any client."""

from __future__ import annotations

from tests.server.conftest import Shared


def test_an_identifier(shared: Shared) -> None:
    first = shared.server.request("workspace/symbol", {"query": "roundMoney"})[0]
    assert first["name"] == "roundMoney"
    assert first["kind"] == 12
    assert first["containerName"] == "money.js"
    assert first["location"]["uri"] == shared.uri("money.js")
    assert first["location"]["range"]["end"]["line"] == 3


def test_a_question_in_words(shared: Shared) -> None:
    symbols = shared.server.request("workspace/symbol", {"query": "take parcel off the shelf"})
    assert symbols[0]["name"] == "remove_parcel"
    assert symbols[0]["containerName"] == "ParcelStore (store.py)"
    assert symbols[0]["kind"] == 6


def test_an_empty_query(shared: Shared) -> None:
    assert shared.server.request("workspace/symbol", {"query": ""}) == []


def test_parts(shared: Shared) -> None:
    plain = shared.server.request("workspace/symbol", {"query": "parcel"})
    params = {"query": "parcel", "partialResultToken": 41}
    assert shared.server.request("workspace/symbol", params) == []
    sent = [p["value"] for p in shared.server.sent("$/progress") if p["token"] == 41]
    assert sent == [plain]
