"""A large folder: the user is told once what it costs, and can narrow it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.server.client import CAPABILITIES, Server

SHOWN = "window/showMessage"


def told(server: Server) -> list[str]:
    return [params["message"] for params in server.sent(SHOWN)]


def options(*ignore: str, **indexing: object) -> dict[str, Any]:
    """Settings by which a hundred functions are many."""
    return {
        "encoder": {"name": "fake"},
        "indexing": {"warn_mb": 0.02, "nice": 0, "ignore": list(ignore), **indexing},
    }


@pytest.fixture
def large(tmp_path: Path) -> Path:
    root = tmp_path / "tasks"
    for number in range(150):
        lines = [f"def task_{number}_{n}(a):\n    return a + {n}\n\n" for n in range(20)]
        file = root / ("src" if number % 50 == 0 else "old") / f"tasks_{number}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(lines))
    return root


def test_it_is_told_once_and_before(start: Callable[..., Server], large: Path) -> None:
    server = start()
    server.open(large, options=options())
    shown = server.wait_sent(SHOWN)
    assert shown["type"] == 2  # a warning
    assert shown["message"].startswith(
        "codesearch: tasks is large. Still to be embedded are about 150"
    )
    for part in ("MB of disk", "words works meanwhile", "indexing.ignore", "codesearch.pause"):
        assert part in shown["message"]
    server.wait_ready()
    (large / "more.py").write_text("def one_more():\n    return 1\n")
    server.wait_hit("one_more", lambda hit: hit["name"] == "one_more")
    server.request("codesearch/reindex", {})
    server.wait_ready()
    assert len(told(server)) == 1
    assert server.stop() == 0
    later = start()
    later.open(large, options=options())
    later.wait_ready()
    assert told(later) == []


def test_nothing_is_told_of_a_small_one(start: Callable[..., Server], large: Path) -> None:
    server = start()
    server.open(large, options=options(warn_mb=25))
    server.wait_ready()
    assert told(server) == []


def test_who_was_told_is_not_told_again_while_it_goes_on(
    start: Callable[..., Server], large: Path
) -> None:
    first, second, third = start(), start(), start()
    first.open(large, options=options())
    first.wait_sent(SHOWN)
    first.request("codesearch/pause", {})
    second.open(large, options=options())  # another window follows
    second.wait_status(lambda roots: roots[0]["phase"] in ("paused", "ready"))
    assert not second.status()["roots"][0]["isWriter"]
    for server in (second, first):
        assert server.stop() == 0
    third.open(large, options=options())
    third.wait_ready()
    assert (told(second), told(third)) == ([], [])


def test_a_client_without_capabilities_is_told(start: Callable[..., Server], large: Path) -> None:
    server = start()
    server.open(large, capabilities={}, options=options())
    assert "tasks is large" in server.wait_sent(SHOWN)["message"]
    assert server.stop() == 0


def test_it_is_narrowed_while_it_goes_on(start: Callable[..., Server], large: Path) -> None:
    server = start()
    server.settings = options()
    server.open(large, capabilities=CAPABILITIES, options=None)
    server.wait_sent(SHOWN)
    server.settings = options("/*", "!/src/")
    server.notify("workspace/didChangeConfiguration", {"settings": {}})
    server.wait_status(lambda roots: roots[0]["complete"] and roots[0]["units"] == 60)
    assert {hit["path"].split("/")[0] for hit in server.search("task", limit=50)} == {"src"}
    assert len(told(server)) == 1


def test_a_narrowed_one_is_not_told(start: Callable[..., Server], large: Path) -> None:
    server = start()
    server.open(large, options=options("/*", "!/src/"))
    assert server.wait_ready()["roots"][0]["files"] == 3
    assert told(server) == []
