"""Bytes: what must not break the stream, and what a broken stream must not break."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server.client import TIMEOUT, Connection, ResponseError, Server

Start = Callable[..., Server]

# Does to stdout and stdin what careless code in the process could do, then serves.
_CARELESS = """
import atexit, os, subprocess, threading, time
from codesearch.server import transport
claim = transport.take_stdio
def claim_and_chatter():
    streams = claim()
    print("printed")
    os.write(1, b"written to descriptor 1")
    subprocess.run(["sh", "-c", "echo from a child; cat"], timeout=20)
    return streams
import codesearch.server.main as main
main.take_stdio = claim_and_chatter
main.serve()
"""


def test_prints_and_children_leave_the_stream_alone(start: Start) -> None:
    server = start(command=[sys.executable, "-c", _CARELESS])
    server.open()
    assert server.stop() == 0
    assert server.garbage == b""
    errors = server.errors()
    assert "printed" in errors
    assert "written to descriptor 1" in errors
    assert "from a child" in errors


def test_frames_stay_whole_with_unbuffered_python(start: Start, workspace: Path) -> None:
    server = start(env={"PYTHONUNBUFFERED": "1"})
    server.open(workspace)
    server.wait_ready()
    numbers = [server.send("codesearch/search", {"query": "file disk"}) for _ in range(60)]
    assert all(server.result(number)["hits"] for number in numbers)
    assert server.stop() == 0
    assert server.garbage == b""


def test_a_client_that_does_not_read_does_not_block_the_server(ready: Server) -> None:
    """More than a pipe holds is asked for before anything is read."""
    reading = ready.send("codesearch/search", {"query": "load", "limit": 20})
    ready.result(reading)
    frames = [
        {"jsonrpc": "2.0", "id": f"n{n}", "method": "codesearch/status", "params": {}}
        for n in range(2000)
    ]
    for frame in frames:
        ready.write(frame)
    assert ready.result("n1999")["roots"]


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff\xfe", b"nonsense", b'{"jsonrpc": "2.0", "id": 1', b"[" * 100_000],
    ids=["cut", "not utf-8", "no json", "unclosed", "too deep"],
)
def test_a_frame_that_is_not_json_is_answered(server: Server, body: bytes) -> None:
    server.open()
    server.write_frame(body)
    assert server.response(None)["error"]["code"] == -32700
    assert server.status()["roots"] == []


@pytest.mark.parametrize(
    "body",
    [
        [],
        5,
        "text",
        {"id": 7},
        {"jsonrpc": "1.0", "id": 7, "method": "shutdown"},
        {"jsonrpc": "2.0", "id": 7, "method": 5, "params": {}},
        {"jsonrpc": "2.0", "id": 7, "method": ["codesearch/status"]},
        {"jsonrpc": "2.0", "id": {"a": 1}, "method": "no/such", "params": {}},
    ],
)
def test_json_that_is_no_message_is_answered(server: Server, body: object) -> None:
    server.open()
    server.write(body)
    number = 7 if isinstance(body, dict) and body.get("id") == 7 else None
    assert server.response(number)["error"]["code"] in (-32600, -32602)
    assert server.status()["roots"] == []


def test_garbage_between_frames_is_passed_over(server: Server) -> None:
    server.open()
    server.writer.write(b"\r\nnoise\r\nContent-Length: much\r\n\x00\xff\r\n")
    assert server.status()["roots"] == []


@pytest.mark.parametrize(
    "header",
    [b"content-length: %d\r\n\r\n", b"CONTENT-LENGTH:%d\n\n", b"{}noiseContent-Length: %d\r\n\r\n"],
)
def test_headers_are_found_however_they_are_written(server: Server, header: bytes) -> None:
    server.open()
    body = b'{"jsonrpc": "2.0", "id": "odd", "method": "codesearch/status"}'
    server.writer.write(header % len(body) + body)
    server.writer.flush()
    assert server.result("odd")["roots"] == []
    assert server.status()["roots"] == []


def test_an_array_of_a_million_faults_is_refused_at_the_first(server: Server) -> None:
    """A description of each would keep everybody waiting for minutes."""
    server.open()
    for items in ([5] * 1_000_000, "x" * 1_000_000):
        changes = {"textDocument": {"uri": "untitled:1", "version": 1}, "contentChanges": items}
        server.notify("textDocument/didChange", changes)
    assert server.status()["roots"] == []


@pytest.mark.parametrize("size", [10**30, 10**15, 10**10])
def test_a_frame_of_impossible_size_ends_the_session(server: Server, size: int) -> None:
    server.open()
    server.writer.write(b"Content-Length: %d\r\n\r\n{}" % size)
    server.writer.close()
    assert server.process.wait(TIMEOUT) == 1


def test_nonsense_params_are_invalid_params(server: Server) -> None:
    server.open()
    nonsense: list[tuple[str, object]] = [
        ("codesearch/search", None),
        ("codesearch/search", {}),
        ("codesearch/search", []),
        ("codesearch/search", 5),
        ("codesearch/search", {"query": 5}),
        ("codesearch/search", {"query": {"text": "x"}}),
        ("codesearch/search", {"query": "x", "limit": 0}),
        ("codesearch/search", {"query": "x", "limit": "many"}),
        ("codesearch/search", {"query": "x", "limit": 1.5}),
        ("codesearch/search", {"query": "x", "kinds": ["procedure"]}),
        ("codesearch/search", {"query": "x", "languages": "python"}),
        ("codesearch/search", {"query": "x", "roots": ["file:///nowhere"]}),
        ("codesearch/similar", {}),
        ("codesearch/similar", {"textDocument": {"uri": "untitled:1"}}),
        ("codesearch/similar", {"textDocument": {}, "position": {"line": 0, "character": 0}}),
        ("codesearch/similar", {"text": 5}),
        ("codesearch/status", {"roots": 5}),
        ("workspace/symbol", {}),
        ("workspace/executeCommand", {"command": "no.such"}),
        ("workspace/executeCommand", {"command": "codesearch.findSimilar"}),
        ("workspace/executeCommand", {"command": "codesearch.findSimilar", "arguments": [5]}),
        ("textDocument/codeAction", {"textDocument": 5}),
    ]
    for method, params in nonsense:
        response = server.response(server.send(method, params))
        assert response.get("error", {}).get("code") == -32602, (method, params, response)
        assert response["error"]["data"]["remedy"], (method, params)
    assert server.status()["roots"] == []
    assert server.sent("window/showMessage") == []


def test_unknown_methods(server: Server) -> None:
    server.open()
    for params in (None, {"a": 1}, [1]):
        with pytest.raises(ResponseError) as refused:
            server.request("codesearch/imagine", params)
        assert refused.value.code == -32601
    server.notify("codesearch/imagine")
    server.notify("$/imagine", {"a": 1})
    assert server.status()["roots"] == []


@pytest.mark.parametrize("chosen", [None, "horse battery staple"])
def test_tcp_serves_one_client_on_loopback(
    chosen: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if chosen:
        monkeypatch.setenv("CODESEARCH_TOKEN", chosen)
    command = [sys.executable, "-m", "codesearch.server", "--tcp"]
    with (
        subprocess.Popen(command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL) as process,
        contextlib.ExitStack() as stack,
    ):
        stack.callback(process.kill)
        assert process.stderr is not None
        token = chosen or process.stderr.readline().decode().split()[-1]
        line = process.stderr.readline().decode()
        host, _, port = line.split()[-1].rpartition(":")
        assert host == "127.0.0.1"
        with socket.create_connection((host, int(port)), TIMEOUT) as client:
            connection = Connection(client.makefile("rb"), client.makefile("wb"))
            params = {"processId": 2**22 + 5, "rootUri": None, "capabilities": {}}
            for options in (None, {}, {"token": None}, {"token": "guess"}, "guess"):
                with pytest.raises(ResponseError) as refused:
                    connection.request("initialize", {**params, "initializationOptions": options})
                assert refused.value.code == -32600
                with pytest.raises(ResponseError) as refused:
                    connection.request("codesearch/status", {})
                assert refused.value.code == -32002
            options = {"token": token, "search": {"limit": 3}}
            connection.request("initialize", {**params, "initializationOptions": options})
            connection.notify("initialized", {})
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((host, int(port)), TIMEOUT)
            assert connection.request("codesearch/status", {})["roots"] == []
            connection.request("shutdown")
            connection.notify("exit")
            assert process.wait(TIMEOUT) == 0
        assert connection.garbage == b""
        assert not connection.sent("window/showMessage")  # the token is no unknown setting


def test_tcp_is_for_this_machine_alone() -> None:
    command = [sys.executable, "-m", "codesearch.server", "--tcp", "--host", "0.0.0.0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    assert done.returncode == 1
    assert "only loopback addresses are served" in done.stderr
    assert "listening" not in done.stderr
