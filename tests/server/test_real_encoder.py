"""The whole path with the packaged encoder: words that the code does not contain."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.server.client import Server


def test_found_by_meaning(start: Callable[..., Server], workspace: Path) -> None:
    server = start()
    server.open(workspace, options=None)
    early = server.request("codesearch/search", {"query": "read_settings"})
    assert not early["completeness"]["complete"]  # answered all the same
    assert early["notes"]
    server.wait_ready(120)
    question = "monetary precision, decimals dropped"
    hit = server.wait_hit(question, lambda hit: "vector" in hit["explanation"]["views"])
    assert server.search(question)[0]["path"] == hit["path"] == "money.js"
    assert server.stop() == 0
