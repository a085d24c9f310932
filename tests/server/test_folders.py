"""Several workspace folders, and folders that come and go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.server.client import Server


def change(server: Server, added: list[Path], removed: list[Path]) -> None:
    event = {
        "added": [{"uri": path.as_uri(), "name": path.name} for path in added],
        "removed": [{"uri": path.as_uri(), "name": path.name} for path in removed],
    }
    server.notify("workspace/didChangeWorkspaceFolders", {"event": event})


def test_added_searched_together_and_removed(
    start: Callable[..., Server], workspace: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other place"
    other.mkdir()
    (other / "tea.py").write_text("def read_tea_leaves():\n    return 1\n")
    server = start()
    server.open(workspace)
    change(server, [other, workspace], [tmp_path / "never opened"])
    server.wait_status(lambda roots: len(roots) == 2 and all(root["complete"] for root in roots))
    result = server.request("codesearch/search", {"query": "read"})
    assert {hit["root"] for hit in result["hits"]} == {workspace.as_uri(), other.as_uri()}
    scores = [hit["score"] for hit in result["hits"]]
    assert scores == sorted(scores, reverse=True)
    assert result["completeness"]["units"] == sum(r["units"] for r in server.status()["roots"])
    only = server.search("read", roots=[other.as_uri()])
    assert {hit["path"] for hit in only} == {"tea.py"}
    assert len(server.request("codesearch/status", {"roots": [other.as_uri()]})["roots"]) == 1

    change(server, [], [workspace])
    server.wait_status(lambda roots: [root["path"] for root in roots] == [str(other)])
    assert {hit["root"] for hit in server.search("read")} == {other.as_uri()}
    change(server, [], [other])
    server.wait_status(lambda roots: roots == [])
    assert "No folder" in server.request("codesearch/search", {"query": "read"})["notes"][0]


def test_folders_that_are_no_files(server: Server) -> None:
    folders = [{"uri": "vscode-vfs://github/x/y", "name": "y"}]
    server.open(workspaceFolders=folders)
    assert server.status()["roots"] == []
    assert server.search("anything") == []


def test_the_whole_system_is_refused_and_the_next_folder_opened(
    server: Server, workspace: Path
) -> None:
    uris = ("file:///", "file:///dev/null", workspace.as_uri())
    server.open(workspaceFolders=[{"uri": uri, "name": "x"} for uri in uris])
    assert [root["path"] for root in server.status()["roots"]] == [str(workspace)]
    server.wait_sent("window/showMessage", lambda told: "/ is too much" in told["message"])


def test_a_folder_that_is_no_uri_does_not_keep_the_next_from_opening(
    server: Server, workspace: Path
) -> None:
    folders = [{"uri": uri, "name": "x"} for uri in ("file://[x", workspace.as_uri())]
    server.open(workspaceFolders=folders)
    assert [root["path"] for root in server.status()["roots"]] == [str(workspace)]


def test_a_folder_opened_through_a_link_keeps_the_name_the_client_gave_it(
    start: Callable[..., Server], workspace: Path, tmp_path: Path
) -> None:
    link = tmp_path / "link"
    link.symlink_to(workspace)
    server = start()
    server.open(link)
    server.wait_ready()
    hit = server.search("read_settings")[0]
    assert hit["location"]["uri"] == (link / "store.py").as_uri()
    document = {"textDocument": {"uri": (workspace / "store.py").as_uri()}}
    position = {"line": hit["selectionRange"]["start"]["line"], "character": 0}
    similar = server.request("codesearch/similar", {**document, "position": position})
    assert similar["hits"][0]["name"] == "load_options"
