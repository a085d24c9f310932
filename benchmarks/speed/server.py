"""The server over an index that is complete: its start, its answers, its memory.

Everything is measured at the client, over the protocol, as an editor would.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

import psutil

from benchmarks.speed.figures import Figure, absolute, against, p95, seconds, told
from benchmarks.speed.places import Places, memory
from benchmarks.speed.questions import questions, sentences
from tests.server.client import Server

_IMPORT = "`python -c 'import pygls.lsp.server'`"
_PAUSE = 0.02  # between two looks; asking all the time would slow down what is waited for
_SHORTEST = 4  # letters of a question that is worth asking
_UNTIL_AT_REST = 15.0  # seconds after the last question: the server has given memory back


def started(places: Places, runs: int) -> list[Figure]:
    """`initialize` against importing pygls, and the first answer that uses vectors."""
    text = sentences(places.names, 1)[0]
    peers, answered, found = [], [], []
    for _ in range(runs):
        command = [sys.executable, "-c", "import pygls.lsp.server"]
        peers.append(seconds(lambda command=command: subprocess.run(command, check=True)))
        began = time.perf_counter()
        client = spawn()
        client.open(places.whole, options={})
        answered.append(time.perf_counter() - began)
        while not _by_meaning(client, text):
            time.sleep(_PAUSE)
        found.append(time.perf_counter() - began)
        client.stop()
    return [
        against("`initialize` answered", answered, _IMPORT, peers, 2.0),
        absolute("warm start: an answer by meaning", statistics.median(found), "s", 1.2),
    ]


def asked(places: Places, rounds: int, count: int = 40) -> list[Figure]:
    """Questions of all kinds, each new to the server; then typing, and what memory that took."""
    names = places.names
    client = warm(places)
    times = [
        1000 * seconds(lambda text=text: client.search(text))
        for text in questions(names, count * rounds)
    ]
    typed, after = _type(client, sentences(names, rounds))
    busy = memory(client.process.pid)
    time.sleep(_UNTIL_AT_REST)
    used = memory(client.process.pid)
    workers = len(psutil.Process(client.process.pid).children(recursive=True))
    client.stop()
    return [
        absolute("query through the protocol, p50", statistics.median(times), "ms", 8),
        absolute("query through the protocol, p95", p95(times), "ms", 20),
        absolute("typing with cancellation, p95 of a key", p95(typed), "ms", 30),
        absolute("… processor time in the second after the last answer", after, "ms", 50),
        absolute("memory of the idle server and its processes, PSS", used, "MB", 350),
        told("… a second after the last question", busy, "MB"),
        told("… processes beside the server", workers, ""),
    ]


def spawn(**env: str) -> Server:
    """A server with the real encoder."""
    return Server(env={"CODESEARCH_TEST": "", **env})


def warm(places: Places) -> Server:
    """A server that has read its index into memory, and whose worker has left."""
    client = spawn()
    # An idle worker leaves after minutes; here it must not take that long.
    client.open(places.whole, options={"indexing": {"worker_idle_seconds": 1}})
    client.wait_ready(timeout=600)
    for text in questions(places.names, 40, seed=0):
        client.search(text)
    while not _by_meaning(client, "warm up"):
        time.sleep(_PAUSE)
    client.wait_status(lambda roots: not roots[0].get("writerPid"), timeout=600)
    return client


def _type(client: Server, texts: list[str]) -> tuple[list[float], float]:
    """Milliseconds to the answer of each key, which withdraws the question of the key before.

    And the processor's milliseconds that the server takes in the second after the last one.
    """
    times = []
    for text in texts:
        for length in range(_SHORTEST + 1, len(text) + 1):
            before = client.send("codesearch/search", {"query": text[: length - 1]})
            client.cancel(before)
            now = text[:length]
            times.append(1000 * seconds(lambda now=now: client.search(now)))
            client.response(before)
    began = _processor_seconds(client.process.pid)
    time.sleep(1.0)
    return times, 1000 * (_processor_seconds(client.process.pid) - began)


def _processor_seconds(pid: int) -> float:
    used = psutil.Process(pid).cpu_times()
    return used.user + used.system


def _by_meaning(client: Server, text: str) -> bool:
    return any("vector" in hit["explanation"]["views"] for hit in client.search(text))
