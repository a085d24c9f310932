"""Starts and ends the language server. Its exit code is 0 if the client asked for the end."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

from pygls.exceptions import JsonRpcException

from codesearch import logs, process
from codesearch.server import memory
from codesearch.server.app import CodesearchServer
from codesearch.server.features import add_features
from codesearch.server.transport import Streams, accept_one, take_stdio
from codesearch.server.watch import watch_process

_log = logging.getLogger(__name__)


def serve(tcp: tuple[str, int] | None = None, metrics: Path | None = None) -> NoReturn:
    """Serve one client, over stdin and stdout or on a TCP address, and end the process.

    Exit code 0 if the client asked to shut down before it left, else 1, also when the TCP address
    cannot be had or does not loop back. `metrics` is where a socket with counts is to be.
    """
    process.share_memory_between_threads()
    # A second Ctrl-C must not be needed because a thread still reads stdin.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _begin_to_log(os.environ.get("CODESEARCH_LOG", ""))
    try:
        streams = accept_one(*tcp) if tcp else take_stdio()
    except OSError as error:
        _log.error("cannot listen on %s:%s: %s", *(tcp or ("stdio", 0)), error)
        _leave(1)
    _leave(_run(streams, metrics))


def _run(streams: Streams, metrics: Path | None) -> int:
    server = CodesearchServer()
    server.token, server.metrics = streams.token, metrics
    add_features(server)
    memory.spare_the_collector(server)
    memory.give_back_at_rest(server)
    if streams.local:
        server.on_client_process = lambda pid: watch_process(pid, lambda: _end(server, streams))
    try:
        server.start_io(streams.reader, streams.writer)  # type: ignore[arg-type]
    except (MemoryError, OverflowError):
        _log.exception("a frame of impossible size: the stream is broken")
    return _end_quietly(server, streams)


def _end(server: CodesearchServer, streams: Streams) -> NoReturn:
    _leave(_end_quietly(server, streams))


def _end_quietly(server: CodesearchServer, streams: Streams) -> int:
    """What must be done at the end, however it came; returns the exit code."""
    server.work.close()
    server.session.stop()
    streams.writer.close()
    return 0 if server.shutdown_asked else 1


def _leave(code: int) -> NoReturn:
    """Exit at once: threads that search, or load an encoder, would hold up an orderly exit."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.flush()
    os._exit(code)


def _begin_to_log(level: str) -> None:
    """At `level`, or WARNING if there is no such level; and at INFO to a file of its own.

    pygls is kept from telling the body of every message, and errors that were an answer.
    """
    told = logging.StreamHandler(sys.stderr)
    told.setLevel(logging.getLevelNamesMapping().get(level.upper(), logging.WARNING))
    handlers: list[logging.Handler] = [told]
    with contextlib.suppress(OSError):  # no room, or no folder: the client is told all the same
        handlers.append(logs.of_server())
    form = "%(levelname)s:%(name)s:%(message)s"
    logging.basicConfig(level=min(told.level, logging.INFO), handlers=handlers, format=form)
    logging.getLogger("pygls").setLevel(logging.WARNING)
    for name in ("pygls.protocol.json_rpc", "pygls.protocol.language_server"):
        logging.getLogger(name).addFilter(_unexpected)


def _unexpected(record: logging.LogRecord) -> bool:
    if record.msg.startswith("Unable to deserialize message"):
        return False  # answered, and logged in one line, by `CodesearchProtocol`
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, JsonRpcException)
