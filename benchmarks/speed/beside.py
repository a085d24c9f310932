"""A whole warm-up: its rate and its memory, and what else the machine can do meanwhile.

The limit is the bare forward pass of the encoder on the same texts, in the same run.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.speed import bare
from benchmarks.speed.figures import Figure, absolute, against, p95, rate, told
from benchmarks.speed.places import WARMUP, Places, cache, memory
from benchmarks.speed.questions import questions
from codesearch.encoder import describe
from codesearch.encoder.text import document_texts
from codesearch.indexing import read_status
from codesearch.indexing.scan import scan
from codesearch.languages import parse
from codesearch.settings import Settings
from codesearch.types import IndexStatus
from tests.server.client import Server

_LOOK = 0.1
_OTHERS_TEXTS = 500  # that sentence-transformers is given; it takes three times as long a text
_FOREGROUND_SECONDS = 8


def throughput(places: Places, peers: Path | None) -> list[Figure]:
    """Texts a second of a warm-up from nothing, all stages, against the bare encoder.

    Without `peers`, where sentence-transformers is kept, it is left out.
    """
    texts = texts_of(places.sample)
    with _warming(places.sample) as (process, root, began):
        peak, first, last = 0.0, 0.0, read_status(root)
        while process.poll() is None:
            peak = max(peak, memory(process.pid))
            last = read_status(root)
            if last.texts_encoded and not first:
                first = time.perf_counter() - began
            time.sleep(_LOOK)
        whole = time.perf_counter() - began
        last = read_status(root)
    work = peers or places.sample.parent
    forward = len(texts) / bare.seconds(bare.FORWARD, texts, work)
    rest = last.texts_encoded / (whole - first)
    name = "bare forward pass, same batches"
    figures = [
        rate(
            "warm-up, all stages, once the encoder is loaded",
            rest,
            name,
            forward,
            least=0.85,
            unit="texts/s",
        ),
        told("… a whole warm-up", whole, "s"),
        told(f"… until {min(64, len(texts))} texts are encoded", first, "s"),
        absolute("memory while indexing, all processes, PSS at most", peak, "MB", 1200),
    ]
    if peers is not None:
        some = random.Random(5).sample(texts, min(_OTHERS_TEXTS, len(texts)))
        other = len(some) / bare.seconds(bare.SENTENCE_TRANSFORMERS, some, peers)
        name = "sentence-transformers, float32"
        figures.insert(
            1, rate("… against sentence-transformers", rest, name, other, least=3.0, unit="texts/s")
        )
    return figures


def manners(places: Places, runs: int) -> list[Figure]:
    """An interactive program beside a warm-up: it wakes every 20 ms, and computes for some."""
    alone, beside = [], []
    for _ in range(runs):
        alone.append(_foreground())
        with _warming(places.sample) as (_, root, _began):
            _until(root, lambda status: status.texts_encoded > 0)
            beside.append(_foreground())
    name = "without a warm-up"
    halves = [[one[key] for one in alone] for key in ("p50", "p95")]
    others = [[one[key] for one in beside] for key in ("p50", "p95")]
    return [
        against(
            "interactive program beside a warm-up, p50", others[0], name, halves[0], 1.3, unit="ms"
        ),
        against(
            "interactive program beside a warm-up, p95", others[1], name, halves[1], 1.3, unit="ms"
        ),
    ]


def stalls(places: Places, runs: int) -> list[Figure]:
    """The longest that the server's event loop stood while its worker indexed and it was asked.

    The peer is a loop that does nothing, at the same time: what the system itself is late.
    """
    ours, theirs = [], []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            record, other = Path(folder) / "ours", Path(folder) / "theirs"
            command = [sys.executable, "-m", "benchmarks.speed.ticking", str(record)]
            env = {"CODESEARCH_CACHE_DIR": folder, "CODESEARCH_TEST": ""}
            client = Server(env=env, command=command)
            client.open(places.sample, options={})
            idle = subprocess.Popen([*command[:3], str(other), "--alone"])
            names = iter(questions(places.names, 10_000))
            while not client.status()["roots"][0]["complete"]:
                client.search(next(names))
                time.sleep(3 * _LOOK)
            client.stop()
            idle.terminate()
            idle.wait()
            ours.append(json.loads(record.read_text())["longest_ms"])
            theirs.append(json.loads(other.read_text())["longest_ms"])
    return [
        absolute("event loop beside a worker, longest stall", statistics.median(ours), "ms", 20),
        against("… against a loop without work", ours, "at the same time", theirs, unit="ms"),
    ]


def foreground() -> None:
    """What `manners` runs: prints how late the result of each waking is, in milliseconds."""
    late = []
    began = time.perf_counter()
    while (now := time.perf_counter()) - began < _FOREGROUND_SECONDS:
        due = now + 0.02
        time.sleep(0.02)
        sum(number * number for number in range(40_000))
        late.append(1000 * (time.perf_counter() - due))
    print(json.dumps({"p50": statistics.median(late), "p95": p95(late)}))


def _foreground() -> dict[str, float]:
    command = [sys.executable, "-c", f"from {__name__} import foreground; foreground()"]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(ran.stdout)
    return figures


@contextmanager
def _warming(root: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path, float]]:
    """A warm-up of `root` from nothing, ended in the end; with its start on the clock."""
    with tempfile.TemporaryDirectory() as folder, cache(Path(folder)):
        began = time.perf_counter()
        process = subprocess.Popen([*WARMUP, str(root)], stdout=subprocess.DEVNULL)
        try:
            yield process, root, began
        finally:
            process.terminate()
            process.wait()


def _until(root: Path, ready: Callable[[IndexStatus], bool]) -> None:
    while not ready(read_status(root)):
        time.sleep(_LOOK)


def texts_of(root: Path) -> list[str]:
    """Every distinct text of `root`, the recently modified files first, as a worker goes."""
    tokens = describe(Settings().encoder).max_tokens
    files = scan(root, Settings().indexing).files
    found: dict[str, None] = {}
    for path in sorted(files, key=lambda path: -files[path].mtime_ns):
        for unit in parse(path, (root / path).read_bytes()).units:
            found.update(dict.fromkeys(document_texts(unit, tokens)))
    return list(found)
