"""What the server counts, as Prometheus reads it, on a socket of this machine."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

from codesearch.server import protocol
from codesearch.server.app import CodesearchServer
from codesearch.server.features.status import report

_log = logging.getLogger(__name__)

_MOST_REQUEST_BYTES = 10_000
_SECONDS = 5.0  # for a reader to say what it wants
# Name, kind and help, then the field of the status of a folder.
_OF_ROOTS = (
    ("files", "gauge", "Files with units in the index.", "files"),
    ("units", "gauge", "Units searchable by words.", "units"),
    ("units_encoded", "gauge", "Units searchable by meaning.", "encoded"),
    ("texts_encoded_total", "counter", "Texts ever encoded for the index.", "texts_encoded"),
    ("cache_hits_total", "counter", "Vectors found in the cache instead.", "cache_hits"),
    ("probe_cosine", "gauge", "Lowest cosine of the probes then and now.", "probe_cosine"),
)


async def listen(ls: CodesearchServer, path: Path) -> None:
    """Answer whoever of this user reads the socket at `path`, for as long as the server lives."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, TimeoutError, asyncio.LimitOverrunError, EOFError):
            async with asyncio.timeout(_SECONDS):
                await reader.readuntil(b"\r\n\r\n")
            body = text(await report(ls, ls.session.roots.values())).encode()
            head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"
            head += f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            writer.write(head.encode() + body)
            await writer.drain()
        writer.close()

    try:
        bound = await ls.work.admin(functools.partial(_bound, path))
    except OSError as error:
        _log.error("no metrics: %s: %s", path, error)
        return
    await asyncio.start_unix_server(answer, sock=bound, limit=_MOST_REQUEST_BYTES)


def _bound(path: Path) -> socket.socket:
    """A socket at `path`, for its owner alone, in place of one that a dead server left."""
    if path.is_socket():
        path.unlink()
    made = socket.socket(socket.AF_UNIX)
    umask = os.umask(0o077)  # it is there as soon as it is bound
    try:
        made.bind(str(path))
        path.chmod(0o600)
        made.listen()
    except OSError:
        made.close()
        raise
    finally:
        os.umask(umask)
    return made


def text(status: protocol.StatusResponse) -> str:
    """The status in Prometheus' text format."""
    return "".join(f"{line}\n" for line in _lines(status))


def _lines(status: protocol.StatusResponse) -> Iterator[str]:
    load = status.load
    yield from _metric("searching", "gauge", "Questions worked on.", [("", load.searching)])
    yield from _metric("waiting", "gauge", "Questions waiting.", [("", load.waiting)])
    memory = [('{process="server"}', load.memory), ('{process="worker"}', load.worker_memory)]
    yield from _metric("memory_bytes", "gauge", "Resident memory.", memory)
    for name, kind, about, key in _OF_ROOTS:
        values = [(_labels(root=r.path), getattr(r, key)) for r in status.roots]
        yield from _metric(name, kind, about, values)
    dirty = [(_labels(root=r.path), r.staleness.dirty) for r in status.roots]
    yield from _metric("dirty", "gauge", "Paths not searchable as they are.", dirty)
    ages = [(_labels(root=r.path), r.staleness.seconds_since_scan) for r in status.roots]
    yield from _metric("scan_age_seconds", "gauge", "Since the last complete scan.", ages)
    yield from _summary(status)


def _summary(status: protocol.StatusResponse) -> Iterator[str]:
    yield "# HELP codesearch_stage_seconds How long the stages of answers took."
    yield "# TYPE codesearch_stage_seconds summary"
    for root in status.roots:
        for stage, latency in root.latency.items():
            for quantile in (50, 90, 99):
                labels = _labels(root=root.path, stage=stage, quantile=f"0.{quantile}")
                value = getattr(latency, f"p{quantile}") / 1000
                yield f"codesearch_stage_seconds{labels} {value:.6f}"
            labels = _labels(root=root.path, stage=stage)
            yield f"codesearch_stage_seconds_count{labels} {latency.count}"


def _metric(
    name: str, kind: str, about: str, values: Sequence[tuple[str, float | None]]
) -> Iterator[str]:
    yield f"# HELP codesearch_{name} {about}"
    yield f"# TYPE codesearch_{name} {kind}"
    for labels, value in values:
        if value is not None:
            yield f"codesearch_{name}{labels} {value}"


def _labels(**labels: str) -> str:
    escaped = {
        key: value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
        for key, value in labels.items()
    }
    return "{" + ",".join(f'{key}="{value}"' for key, value in escaped.items()) + "}"
