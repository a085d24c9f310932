"""Work off the event loop, on threads of the server's own, that stops when nobody wants it.

pygls's own pool does nothing but read stdin: were it to run searches, a few slow ones would
leave the server deaf even to their cancellation.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")

_log = logging.getLogger(__name__)

# Searches are short; more threads would only take the processor from one another.
_SEARCH_THREADS = 4
# Reading a status waits for a lock at most, and must not wait behind a search.
_QUICK_THREADS = 2
# Opening and stopping indexes can wait for locks and processes, so it has threads to itself.
_ADMIN_THREADS = 2


class Work:
    """Runs blocking functions for coroutines, and keeps background tasks alive."""

    def __init__(self) -> None:
        self._searches = ThreadPoolExecutor(_SEARCH_THREADS, "search")
        self._quick = ThreadPoolExecutor(_QUICK_THREADS, "quick")
        self._admin = ThreadPoolExecutor(_ADMIN_THREADS, "admin")
        self._tasks: set[asyncio.Task[Any]] = set()
        self._stops: set[threading.Event] = set()

    @property
    def searching(self) -> tuple[int, int]:
        """Searches that are worked on, and those that wait for a thread."""
        asked = len(self._stops)
        return min(asked, _SEARCH_THREADS), max(0, asked - _SEARCH_THREADS)

    async def search(self, function: Callable[[threading.Event], T]) -> T:
        """Run `function(stop)`; `stop` is set as soon as the awaiting request is cancelled."""
        stop = threading.Event()
        self._stops.add(stop)
        try:
            return await asyncio.wrap_future(self._searches.submit(function, stop))
        except asyncio.CancelledError:
            stop.set()
            raise
        finally:
            self._stops.discard(stop)

    async def quick(self, function: Callable[[], T]) -> T:
        """Run `function()`, which takes a moment, but longer than the event loop may."""
        return await asyncio.wrap_future(self._quick.submit(function))

    async def admin(self, function: Callable[[], T]) -> T:
        """Run `function()`, which is seen through even if its caller is cancelled."""
        return await asyncio.shield(asyncio.wrap_future(self._admin.submit(function)))

    def spawn(self, coroutine: Coroutine[Any, Any, object]) -> None:
        """Run a coroutine in the background; its exceptions are logged."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)  # the loop itself holds tasks weakly
        task.add_done_callback(self._finished)

    def close(self) -> None:
        """Ask all work to stop, and wait for none of it. Callable from any thread."""
        for stop in tuple(self._stops):
            stop.set()
        for pool in (self._searches, self._quick, self._admin):
            pool.shutdown(wait=False, cancel_futures=True)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("background task failed", exc_info=error)
