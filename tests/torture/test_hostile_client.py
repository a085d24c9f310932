"""A client that sends anything at all: the server answers, lives, and serves as before."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from tests.server.client import FAKE, Server
from tests.torture.chatter import Chatter
from tests.torture.messages import Hostile
from tests.torture.scale import SCALE, SECONDS, SEED

_FRAMES = 2_000 * SCALE
_AT_ONCE = 200
_MORE_MEMORY = 300 << 20  # bytes: loaded libraries and the index, and no more than those

_CHATTER = 5_000 * SCALE
_LONGEST_STALL = 1.0  # seconds of the server's processor time, for so many:
_BETWEEN_LOOKS = 100
_TURN = 2_500  # messages, after which all is made as it was
_TOLD_EVERY = 20  # turns

_REQUESTS = 10_000 if SCALE > 1 else 2_000
_MORE_AGAIN = 40 << 20  # bytes, what a second and a third time may add
_NOTIFICATIONS = 8_000  # at a time
_LITTLE_MORE = 8 << 20  # bytes, half of what they would hold
_CANCELLED = -32800  # RequestCancelled

pytestmark = pytest.mark.timeout(SECONDS * 6)


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
        server.forget()
    assert process.memory_info().rss - before < _MORE_MEMORY
    serves_as_before(server, workspace)


def test_chatter_without_end(start: Callable[..., Server], workspace: Path) -> None:
    """An editor that never rests, and a hostile client in between, with one server.

    A million messages: `CODESEARCH_TORTURE=200 pytest tests/torture/test_hostile_client.py -k
    without_end -s`. What the server computes between a look at its status and the answer bounds
    how long it can have stood still of its own; the clock may show more on a busy machine.
    """
    server = start()
    server.settings = FAKE
    server.open(workspace)
    server.wait_ready(SECONDS)
    process = psutil.Process(server.process.pid)
    chatter = Chatter(workspace, SEED)
    held: list[int] = []
    stalls: list[float] = []
    waits: list[float] = []
    for _ in range(0, _CHATTER, _TURN):
        server.writer.write(chatter.again())
        for _ in range(0, _TURN, _BETWEEN_LOOKS):
            before, began = _computed(process), time.monotonic()
            server.writer.write(b"".join(chatter.frames(_BETWEEN_LOOKS)))
            number = server.send("codesearch/status", {})
            server.until(lambda number=number: number in server.responses, SECONDS)
            stalls.append(_computed(process) - before)
            waits.append(time.monotonic() - began)
            server.forget()
        if not held:  # libraries were loaded
            stalls, waits = [0.0], [0.0]
        held.append(process.memory_info().rss)
        if len(held) % _TOLD_EVERY == 1:
            _tell(held, stalls, waits)
    _tell(held, stalls, waits)
    assert max(stalls) < _LONGEST_STALL
    assert held[-1] - held[len(held) // 4] < _MORE_AGAIN
    serves_as_before(server, workspace)


def test_nothing_stays_of_a_notification(start: Callable[..., Server], workspace: Path) -> None:
    """pygls keeps two kilobytes of each that one of its own features handles, if it is let."""
    server = start()
    server.open(workspace)
    process = psutil.Process(server.process.pid)
    held = []
    for _ in range(6):
        for _ in range(_NOTIFICATIONS):
            server.notify("$/setTrace", {"value": "off"})
        server.status()
        held.append(process.memory_info().rss)
    # Libraries are loaded meanwhile; what stays would stay each time.
    assert min(after - before for before, after in pairwise(held)) < _LITTLE_MORE


def _computed(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _tell(held: list[int], stalls: list[float], waits: list[float]) -> None:
    print(
        f"{len(held) * _TURN} messages: {held[0] >> 20} -> {held[-1] >> 20} MB, at most"
        f" {max(held) >> 20}; in a stretch of {_BETWEEN_LOOKS} at most {max(stalls):.2f} s of the"
        f" processor and {max(waits):.2f} s of the clock",
        flush=True,
    )


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
