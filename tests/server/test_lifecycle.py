"""Beginning and end: what is answered before and after, and how the process exits."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server.client import CAPABILITIES, TIMEOUT, ResponseError, Server

Start = Callable[..., Server]


def test_initialize_tells_what_the_server_can(server: Server) -> None:
    result = server.open()
    capabilities = result["capabilities"]
    custom = capabilities["experimental"]["codesearch"]
    assert custom["version"] == 1
    assert "codesearch/search" in custom["methods"]
    assert custom["notifications"] == ["codesearch/status"]
    assert capabilities["positionEncoding"] == "utf-16"
    assert capabilities["workspaceSymbolProvider"]
    assert capabilities["codeActionProvider"]["codeActionKinds"] == ["", "quickfix"]
    assert capabilities["codeLensProvider"] == {"resolveProvider": True}
    assert capabilities["executeCommandProvider"]["commands"] == ["codesearch.findSimilar"]
    sync = capabilities["textDocumentSync"]
    assert (sync["change"], sync["openClose"], sync["save"]) == (2, True, True)
    assert capabilities["workspace"]["workspaceFolders"]["changeNotifications"]
    assert result["serverInfo"]["name"] == "codesearch"


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["utf-16", "utf-8"], "utf-8"),
        (["utf-32", "utf-16"], "utf-16"),
        (["utf-32"], "utf-32"),
        (["utf-7"], "utf-16"),
        ([], "utf-16"),
    ],
)
def test_position_encoding_is_negotiated(server: Server, offered: list[str], chosen: str) -> None:
    capabilities = {**CAPABILITIES, "general": {"positionEncodings": offered}}
    assert server.open(capabilities=capabilities)["capabilities"]["positionEncoding"] == chosen


def test_a_client_without_any_capabilities_is_served(server: Server) -> None:
    assert server.open(capabilities={})["capabilities"]["positionEncoding"] == "utf-16"
    assert server.stop() == 0


def test_exit_code_says_whether_shutdown_was_asked(start: Start) -> None:
    polite, abrupt, gone = start(), start(), start()
    for server in (polite, abrupt, gone):
        server.open()
    assert polite.stop() == 0
    abrupt.notify("exit")
    assert abrupt.process.wait(TIMEOUT) == 1
    gone.writer.close()
    assert gone.process.wait(TIMEOUT) == 1
    assert "Traceback" not in polite.errors() + abrupt.errors() + gone.errors()


def test_exit_before_initialize(server: Server) -> None:
    server.notify("exit")
    assert server.process.wait(TIMEOUT) == 1


def test_requests_out_of_turn_are_answered_with_an_error(server: Server) -> None:
    with pytest.raises(ResponseError) as early:
        server.request("codesearch/status", {})
    assert early.value.code == -32002
    server.notify("textDocument/didClose", {"textDocument": {"uri": "file:///x"}})
    server.open()
    with pytest.raises(ResponseError) as twice:
        server.request("initialize", {"capabilities": {}})
    assert twice.value.code == -32600
    server.request("shutdown")
    with pytest.raises(ResponseError) as late:
        server.request("codesearch/status", {})
    assert late.value.code == -32600
    server.notify("exit")
    assert server.process.wait(TIMEOUT) == 0


def test_who_says_initialized_twice_is_begun_with_once(server: Server, workspace: Path) -> None:
    server.open(workspace)
    server.notify("initialized", {})
    server.wait_ready()
    assert len(server.sent("client/registerCapability")) == 1


def test_the_server_ends_with_its_client_even_if_stdin_stays_open(start: Start) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as client:
        server = start()
        server.open(processId=client.pid)
        server.status()
        client.kill()
    assert server.process.wait(TIMEOUT) == 1


def test_a_client_in_another_container_is_not_watched(server: Server) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    server.open(processId=gone.pid)
    time.sleep(1.5)  # longer than the watch takes to look
    assert server.status()["pid"] == server.process.pid


def test_nothing_heavy_is_imported_before_initialize_is_answered(start: Start) -> None:
    server = start(command=[sys.executable, "-X", "importtime", "-m", "codesearch.server"])
    server.request("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
    server.notify("exit")
    server.process.wait(TIMEOUT)
    imported = set(re.findall(r"^import time:.*\| +([\w.]+)$", server.errors(), re.MULTILINE))
    assert "pygls.lsp.server" in imported
    heavy = "torch transformers lancedb pyarrow numpy tree_sitter watchdog psutil sqlite3 regex"
    ours = "codesearch.indexing codesearch.search codesearch.store codesearch.languages"
    assert not imported & {*heavy.split(), *ours.split()}


def test_modules_in_the_folder_it_is_started_in_are_not_run(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pygls", "lsprotocol", "argparse", "torch"):
        (tmp_path / f"{name}.py").write_text(f"open('{name} was run', 'w').close()\n")
    monkeypatch.chdir(tmp_path)
    server = start()
    server.open()
    assert server.stop() == 0
    assert not list(tmp_path.glob("* was run"))


def test_folders_of_older_clients(start: Start, workspace: Path) -> None:
    by_uri, by_path = start(), start()
    by_uri.open(rootUri=workspace.as_uri())
    by_path.open(rootPath=str(workspace))
    for server in (by_uri, by_path):
        assert [root["path"] for root in server.status()["roots"]] == [str(workspace)]


def test_without_a_folder_the_answer_is_empty_and_says_why(server: Server) -> None:
    server.open()
    result = server.request("codesearch/search", {"query": "anything"})
    assert result["hits"] == []
    assert "No folder" in result["notes"][0]
    assert server.status()["roots"] == []
    assert server.request("workspace/symbol", {"query": "anything"}) == []


def test_exit_is_quick_while_the_server_is_busy(ready: Server) -> None:
    for number in range(200):
        ready.send("codesearch/search", {"query": f"load settings {number}"})
    ready.request("shutdown")
    ready.notify("exit")
    assert ready.process.wait(TIMEOUT) == 0
    assert len(ready.errors()) < 20_000, ready.errors()[:2000]
