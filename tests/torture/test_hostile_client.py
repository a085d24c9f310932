"""A client that sends anything at all: the server answers, lives, and serves as before."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.server.client import FAKE, Server
from tests.torture.messages import Hostile
from tests.torture.scale import SCALE, SECONDS, SEED

_FRAMES = 2_000 * SCALE
_AT_ONCE = 200
_MORE_MEMORY = 300 << 20  # bytes: loaded libraries and the index, and no more than those

_REQUESTS = 10_000 if SCALE > 1 else 2_000
_MORE_AGAIN = 40 << 20  # bytes, what a second and a third time may add
_CANCELLED = -32800  # RequestCancelled

pytestmark = pytest.mark.timeout(SECONDS)


def test_thousands_of_hostile_frames(start: Callable[..., Server], workspace: Path) -> None:
    os.mkfifo(workspace / "fifo")
    (workspace / "zero").symlink_to("/dev/zero")
    (workspace / "loop").symlink_to("loop")
    server = start()
    server.settings = FAKE
    server.open(workspace)
    server.wait_ready(SECONDS)
    process = psutil.Process(server.process.pid)
    before = process.memory_info().rss
    hostile = Hostile(workspace, SEED)
    for _ in range(0, _FRAMES, _AT_ONCE):
        server.writer.write(b"".join(hostile.frames(_AT_ONCE)))
        server.writer.flush()
        number = server.send("codesearch/status", {})
        server.until(lambda number=number: number in server.responses, SECONDS)
        server.responses.clear()
        server.notifications.clear()
        server.requests.clear()
    assert process.memory_info().rss - before < _MORE_MEMORY
    serves_as_before(server, workspace)


def serves_as_before(server: Server, workspace: Path) -> None:
    """With its settings and folder again, and no document open, it finds what is there."""
    for file in workspace.iterdir():
        server.notify("textDocument/didClose", {"textDocument": {"uri": file.as_uri()}})
    server.notify("workspace/didChangeConfiguration", {"settings": {}})
    added = [{"uri": workspace.as_uri(), "name": "shop"}]
    server.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": added, "removed": []}})
    server.request("codesearch/resume", {})
    server.wait_status(
        lambda roots: any(r["path"] == str(workspace) and r["complete"] for r in roots), SECONDS
    )
    assert "add_parcel" in [hit["name"] for hit in server.search("add_parcel")]
    assert server.stop() == 0
    assert server.garbage == b""


def test_ten_thousand_requests_and_all_cancelled(
    start: Callable[..., Server], workspace: Path
) -> None:
    """All are answered, and two rounds later the server has no more memory than after one."""
    server = start()
    server.open(workspace)
    server.wait_ready(SECONDS)
    process = psutil.Process(server.process.pid)
    held = []
    for _ in range(3):
        numbers = [
            server.send("codesearch/search", {"query": f"parcel number {at}", "limit": 5})
            for at in range(_REQUESTS)
        ]
        for number in numbers:
            server.cancel(number)
        answers = [server.response(number) for number in numbers]
        cancelled = [one["error"]["code"] for one in answers if "error" in one]
        assert set(cancelled) <= {_CANCELLED}
        assert cancelled
        server.responses.clear()
        held.append(process.memory_info().rss)
    assert held[-1] - held[0] < _MORE_AGAIN
    assert server.search("add_parcel")[0]["name"] == "add_parcel"
    assert server.stop() == 0
