"""What the server does about memory: it spares the collector, and gives back at rest."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

from codesearch import process
from codesearch.server.app import CodesearchServer
from codesearch.types import IndexStatus

# After a question, longer than somebody thinks about its answer.
_REST_SECONDS = 10.0


def spare_the_collector(server: CodesearchServer) -> None:
    """Keep what stays for good out of the garbage collector's sight.

    Otherwise each full collection goes through all types of the protocol and all units that are
    held, and nothing else moves meanwhile: for 60 ms now and then. Only once an index, and
    whenever as many questions again have been answered, since units are remembered for each:
    garbage that is frozen with the rest would never be freed.
    """
    held: set[Path] = set()
    answers = itertools.count(1)

    def spare(path: Path, status: IndexStatus) -> None:
        if status.complete and path not in held:
            held.add(path)
            process.collect_as_usual()

    def spare_remembered() -> None:
        if next(answers).bit_count() == 1:  # 1, 2, 4, 8, …
            process.collect_as_usual()

    server.session.listeners.status.append(spare)
    server.session.listeners.answered.append(spare_remembered)


def give_back_at_rest(server: CodesearchServer) -> None:
    """Hand memory that questions have left behind back to the system, once nobody asks any more."""
    timer: asyncio.TimerHandle | None = None

    def wait() -> None:
        nonlocal timer
        if timer is not None:
            timer.cancel()
        timer = asyncio.get_running_loop().call_later(_REST_SECONDS, give_back)

    def give_back() -> None:
        server.work.spawn(server.work.quick(process.give_back_memory))

    server.session.listeners.answered.append(wait)
