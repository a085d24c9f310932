"""What the server does about memory."""

from __future__ import annotations

import asyncio

import pytest

from codesearch import process
from codesearch.server import memory
from codesearch.server.app import CodesearchServer


@pytest.mark.asyncio
async def test_memory_is_given_back_once_nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []
    done = asyncio.Event()
    loop = asyncio.get_running_loop()

    def give() -> None:
        given.append(loop.time())
        loop.call_soon_threadsafe(done.set)

    monkeypatch.setattr(process, "give_back_memory", give)
    monkeypatch.setattr(memory, "_REST_SECONDS", 0.3)
    server = CodesearchServer()
    memory.give_back_at_rest(server)
    try:
        for _ in range(3):
            asked = loop.time()
            for listener in server.session.listeners.answered:
                listener()
            await asyncio.sleep(0.01)
        await asyncio.wait_for(done.wait(), 30)
        await asyncio.sleep(0.5)
    finally:
        server.work.close()
    assert len(given) == 1
    assert given[0] - asked >= 0.3
