"""Work-done progress while an index is made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.server.client import CAPABILITIES, NO_ANSWER, Server


def values(server: Server, token: Any) -> list[dict[str, Any]]:
    return [p["value"] for p in server.sent("$/progress") if p["token"] == token]


def large(root: Path) -> Path:
    """Enough functions that indexing lasts longer than progress is held back."""
    root.mkdir()
    for number in range(150):
        lines = [f"def task_{number}_{n}(a):\n    return a + {n}\n\n" for n in range(20)]
        (root / f"tasks_{number}.py").write_text("\n".join(lines))
    return root


def ended(server: Server) -> list[dict[str, Any]]:
    found = [
        params["token"] for params in server.sent("$/progress") if params["value"]["kind"] == "end"
    ]
    return values(server, found[0]) if found else []


def test_begin_counts_end(start: Callable[..., Server], tmp_path: Path) -> None:
    server = start()
    server.open(large(tmp_path / "tasks"))
    server.wait_ready()
    shown = server.until(lambda: ended(server))
    assert shown[0]["title"] == "Indexing tasks"
    assert [value["kind"] for value in shown[1:-1]] == ["report"] * (len(shown) - 2)
    assert any("units" in value["message"] for value in shown[1:-1])
    assert shown[-1]["message"] == "3,000 of 3,000 units encoded"
    server.request("codesearch/reindex", {})
    tokens = [params["token"] for params in server.sent("window/workDoneProgress/create")]
    assert len(tokens) == len(set(tokens))


def test_a_client_that_shows_no_progress_gets_none(
    start: Callable[..., Server], workspace: Path
) -> None:
    server = start()
    window = {**CAPABILITIES["window"], "workDoneProgress": False}
    server.open(workspace, capabilities={**CAPABILITIES, "window": window})
    server.wait_ready()
    assert server.sent("window/workDoneProgress/create") == []
    assert server.sent("$/progress") == []


def test_a_client_that_never_answers_stops_nothing(
    start: Callable[..., Server], workspace: Path
) -> None:
    server = start()
    server.answers["window/workDoneProgress/create"] = lambda _: NO_ANSWER
    server.open(workspace)
    server.wait_ready()
    assert server.search("read_settings")
    assert server.stop() == 0


def test_cancelling_pauses_the_index(start: Callable[..., Server], tmp_path: Path) -> None:
    server = start()
    server.open(large(tmp_path / "tasks"))
    token = server.wait_sent("$/progress", lambda p: p["value"]["kind"] == "begin")["token"]
    server.notify("window/workDoneProgress/cancel", {"token": token})
    server.until(lambda: ended(server))
    server.wait_status(lambda roots: roots[0]["phase"] in ("paused", "ready"))
    server.request("codesearch/resume", {})
    assert server.wait_ready()["roots"][0]["units"] == 3000
