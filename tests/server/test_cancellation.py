"""Requests that nobody wants any more, and many at once."""

from __future__ import annotations

import asyncio
import threading

import pytest

from codesearch.server.work import Work
from tests.server.conftest import Shared

MANY = 300


def test_many_searches_then_all_cancelled(shared: Shared) -> None:
    server = shared.server
    numbers = [server.send("codesearch/search", {"query": f"load file {n}"}) for n in range(MANY)]
    for number in numbers:
        server.cancel(number)
    assert server.status()["roots"][0]["complete"]
    responses = [server.response(number) for number in numbers]
    cancelled = [r for r in responses if r.get("error", {}).get("code") == -32800]
    assert len(cancelled) + sum("result" in r for r in responses) == MANY
    assert cancelled
    assert server.search("read_settings")[0]["name"] == "read_settings"


def test_the_server_is_not_deaf_while_it_searches(shared: Shared) -> None:
    """A status asked for after many searches is answered before the last of them."""
    server = shared.server
    numbers = [server.send("codesearch/search", {"query": f"parcel {n}"}) for n in range(MANY)]
    status = server.send("codesearch/status", {})
    for number in numbers:
        assert server.result(number)["hits"]
    assert server.order.index(status) < server.order.index(numbers[-1])


def test_a_command_can_be_cancelled(shared: Shared) -> None:
    server = shared.server
    arguments = [
        {"textDocument": {"uri": shared.uri("store.py")}, "position": {"line": 9, "character": 0}}
    ]
    params = {"command": "codesearch.findSimilar", "arguments": arguments}
    before = [server.send("codesearch/search", {"query": f"file {n}"}) for n in range(MANY)]
    command = server.send("workspace/executeCommand", params)
    for number in (command, *before):
        server.cancel(number)
    assert server.response(command)["error"]["code"] == -32800
    assert server.sent("window/showMessage") == []


def test_cancelling_what_is_unknown_or_done(shared: Shared) -> None:
    shared.server.cancel(10**9)
    number = shared.server.send("codesearch/status", {})
    shared.server.response(number)
    shared.server.cancel(number)
    assert shared.server.status()["roots"]


@pytest.mark.asyncio
async def test_cancelling_stops_the_work_itself() -> None:
    work = Work()
    began, ended = threading.Event(), threading.Event()

    def until_stopped(stop: threading.Event) -> None:
        began.set()
        assert stop.wait(30)
        ended.set()

    task = asyncio.ensure_future(work.search(until_stopped))
    await asyncio.to_thread(began.wait, 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(ended.wait, 30)


@pytest.mark.asyncio
async def test_work_that_waits_for_a_thread_is_never_begun_once_cancelled() -> None:
    work = Work()
    release, ran = threading.Event(), threading.Event()
    busy = [asyncio.ensure_future(work.search(lambda _: release.wait(30))) for _ in range(4)]
    await asyncio.sleep(0)
    waiting = asyncio.ensure_future(work.search(lambda _: ran.set()))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    release.set()
    await asyncio.gather(*busy)
    assert not ran.is_set()
    work.close()


@pytest.mark.asyncio
async def test_closing_stops_all_work() -> None:
    work = Work()
    began = threading.Event()

    def until_stopped(stop: threading.Event) -> bool:
        began.set()
        return stop.wait(30)

    task = asyncio.ensure_future(work.search(until_stopped))
    await asyncio.to_thread(began.wait, 30)
    work.close()
    assert await task
