"""Prometheus' text on a socket of its own."""

from __future__ import annotations

import contextlib
import re
import socket
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server.client import TIMEOUT, Server

_LINE = re.compile(
    r'[a-z_]+(\{[a-z]+="(\\.|[^"\\])*"(,[a-z]+="(\\.|[^"\\])*")*\})? -?[0-9.e+-]+|# (HELP|TYPE) .+'
)


def _ask(path: Path, request: bytes) -> bytes:
    with _connected(path) as client, contextlib.suppress(ConnectionError):  # it may hang up early
        client.settimeout(TIMEOUT)
        client.sendall(request)
        received = b""
        while part := client.recv(65536):
            received += part
        return received
    return b""


def _connected(path: Path) -> socket.socket:
    """A connection, as soon as the server listens: its path is there a moment before."""
    deadline = time.monotonic() + TIMEOUT
    while True:
        client = socket.socket(socket.AF_UNIX)
        try:
            client.connect(str(path))
        except ConnectionRefusedError:
            client.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return client


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "metrics"


def test_counts_are_told(start: Callable[..., Server], workspace: Path, path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(path))
    command = [sys.executable, "-m", "codesearch", "serve", "--metrics", str(path)]
    server = start(command=command)
    server.open(workspace)
    server.wait_ready()
    server.search("read the settings")
    server.until(lambda: stat.S_IMODE(path.stat().st_mode) == 0o600)
    head, _, body = _ask(path, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    lines = body.decode().splitlines()
    assert all(_LINE.fullmatch(line) for line in lines)
    told = dict(line.rpartition(" ")[::2] for line in lines if not line.startswith("#"))
    assert told[f'codesearch_files{{root="{workspace}"}}'] == "2"
    assert float(told['codesearch_memory_bytes{process="server"}']) > 10_000_000
    stage = f'root="{workspace}",stage="search"'
    assert int(told[f"codesearch_stage_seconds_count{{{stage}}}"]) >= 1
    assert float(told[f'codesearch_stage_seconds{{{stage},quantile="0.99"}}']) > 0


@pytest.mark.parametrize("request_", [b"nonsense", b"x" * 20_000, b"\r\n\r\n"])
def test_nonsense_harms_nobody(start: Callable[..., Server], path: Path, request_: bytes) -> None:
    command = [sys.executable, "-m", "codesearch", "serve", "--metrics", str(path)]
    server = start(command=command)
    server.open()
    server.until(path.exists)
    _ask(path, request_)
    assert server.status()["roots"] == []


def test_a_file_in_the_place_is_kept(start: Callable[..., Server], path: Path) -> None:
    path.write_text("years of work")
    command = [sys.executable, "-m", "codesearch", "serve", "--metrics", str(path)]
    server = start(command=command)
    server.open()
    assert server.status()["roots"] == []
    server.stop()
    assert path.read_text() == "years of work"
    assert "no metrics" in server.errors()
