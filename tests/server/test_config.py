"""Settings from the client: asked for, pushed, wrong, and changed while running."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.server.client import CAPABILITIES, FAKE, NO_ANSWER, Server

PUSHING: dict[str, Any] = {**CAPABILITIES, "workspace": {"workspaceFolders": True}}


def limit(server: Server) -> int:
    return len(server.search("load a file from disk, or a parcel, or money"))


def test_asked_for_and_asked_again(start: Callable[..., Server], workspace: Path) -> None:
    server = start()
    server.settings = {"encoder": {"name": "fake"}, "search": {"limit": 2}}
    server.open(workspace, options=None)
    status = server.wait_ready()
    assert status["roots"][0]["encoder"] == "fake"
    assert limit(server) == 2
    (registered,) = server.wait_sent("client/registerCapability")["registrations"]
    assert registered["method"] == "workspace/didChangeConfiguration"
    assert registered["registerOptions"] == {"section": "codesearch"}
    worker = status["roots"][0]["writerPid"]
    server.settings["search"]["limit"] = 3
    server.notify("workspace/didChangeConfiguration", {"settings": {}})
    server.until(lambda: limit(server) == 3)
    assert server.status()["roots"][0]["writerPid"] == worker  # the index is left alone


def test_each_folder_has_its_own(
    start: Callable[..., Server], workspace: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "one.py").write_text("def only_one():\n    return 1\n")
    (other / "two.js").write_text("function onlyTwo() { return 2; }\n")
    server = start()

    def answer(params: dict[str, Any]) -> list[dict[str, Any]]:
        (item,) = params["items"]
        ignored = ["*.js"] if item["scopeUri"] == other.as_uri() else []
        return [{"encoder": {"name": "fake"}, "indexing": {"ignore": ignored}}]

    server.answers["workspace/configuration"] = answer
    server.open(workspace, other, options=None)
    files = {root["root"]: root["files"] for root in server.wait_ready()["roots"]}
    assert files == {workspace.as_uri(): 2, other.as_uri(): 1}


def test_pushed_with_and_without_the_section(start: Callable[..., Server], workspace: Path) -> None:
    server = start()
    server.open(workspace, capabilities=PUSHING)
    server.wait_ready()
    pushed = {"search": {"limit": 1}, "indexing": None, "server": {"codeLens": None}}
    server.notify("workspace/didChangeConfiguration", {"settings": {"codesearch": pushed}})
    server.until(lambda: limit(server) == 1)
    pushed["search"] = {"limit": 2}
    server.notify("workspace/didChangeConfiguration", {"settings": pushed})
    server.until(lambda: limit(server) == 2)
    assert server.sent("window/showMessage") == []


def test_settings_of_the_index_take_effect_and_so_does_the_project_file(
    start: Callable[..., Server], workspace: Path
) -> None:
    server = start()
    server.open(workspace, capabilities=PUSHING)
    server.wait_ready()
    ignoring = {**FAKE, "indexing": {"ignore": ["*.js"]}}
    server.notify("workspace/didChangeConfiguration", {"settings": ignoring})
    server.wait_status(lambda roots: roots and roots[0]["complete"] and roots[0]["files"] == 1)
    project = workspace / ".codesearch.toml"
    project.write_text("[search]\nlimit = 2\n")
    server.notify("textDocument/didSave", {"textDocument": {"uri": project.as_uri()}})
    server.until(lambda: limit(server) == 2)


def test_another_encoder_rebuilds(start: Callable[..., Server], workspace: Path) -> None:
    server = start()
    server.open(workspace, capabilities=PUSHING)
    server.wait_ready()
    truncated = {"encoder": {"name": str(workspace / "none")}}
    server.notify("workspace/didChangeConfiguration", {"settings": truncated})
    server.wait_status(lambda roots: roots and roots[0].get("lastError"))
    server.notify("workspace/didChangeConfiguration", {"settings": FAKE})
    root = server.wait_ready()["roots"][0]
    assert root["encoder"] == "fake"
    assert server.search("read_settings")[0]["name"] == "read_settings"


def test_wrong_values_are_told_once_and_not_used(
    start: Callable[..., Server], workspace: Path
) -> None:
    server = start()
    wrong = {**FAKE, "search": {"limit": "many"}, "colour": {}, "indexing": 5}
    server.open(workspace, options=wrong)
    server.wait_ready()
    server.notify("workspace/didChangeConfiguration", {"settings": None})
    assert server.search("read_settings")
    (told,) = server.sent("window/showMessage")
    assert told["type"] == 2
    for part in ("search.limit", "colour", "indexing"):
        assert part in told["message"]


@pytest.mark.parametrize("settings", [None, 5, [], "text", {"codesearch": None}])
def test_nonsense_for_settings(server: Server, settings: object) -> None:
    server.settings = settings
    server.open(options=settings)
    server.notify("workspace/didChangeConfiguration", {"settings": settings})
    assert server.status()["roots"] == []


def test_a_client_that_does_not_answer_is_not_waited_for(
    start: Callable[..., Server], workspace: Path
) -> None:
    server = start()
    server.answers["workspace/configuration"] = lambda _: NO_ANSWER
    server.open(workspace)
    assert server.wait_ready()["roots"][0]["encoder"] == "fake"


def test_a_client_that_does_not_answer_is_asked_once_for_all_folders(
    server: Server, workspace: Path, tmp_path: Path
) -> None:
    server.answers["workspace/configuration"] = lambda _: NO_ANSWER
    (tmp_path / "other").mkdir()
    server.open(workspace, tmp_path / "other")
    server.wait_status(lambda roots: len(roots) == 2)
    assert len(server.sent("workspace/configuration")) == 1
