"""The bytes between client and server: stdio kept clean, a socket for one client, a writer.

Over stdio, file descriptor 1 belongs to the protocol. A stray `print`, a native library or a
child process that writes to it would corrupt the stream, and one that reads descriptor 0 would
eat requests, so both are moved out of reach before anything else runs.
"""

from __future__ import annotations

import ipaddress
import logging
import os
import queue
import re
import secrets
import socket
import sys
import threading
from dataclasses import dataclass
from typing import BinaryIO

_log = logging.getLogger(__name__)

# How long an exit waits for a client that no longer reads.
_FLUSH_SECONDS = 2.0
# What ends a header line, whatever noise it began with. pygls knows only one spelling of it.
_LENGTH = re.compile(rb"content-length:[ \t]*(\d{1,12})[ \t]*\r?\n", re.IGNORECASE)
_LONGEST_LINE = 1 << 16  # a stream without line ends is read in pieces
_TOKEN_VARIABLE = "CODESEARCH_TOKEN"
_TOKEN_BYTES = 24
_MOST_BYTES = 1 << 30  # of a frame; one that says more is noise, and would be waited for in vain


@dataclass(frozen=True, slots=True)
class Streams:
    """Where messages come from and go to."""

    reader: Reader
    writer: Writer
    local: bool  # the client is our parent or its friend, so its process id means something
    token: str | None = None  # what the client has to know; None: nobody else can reach us


class Reader:
    """Reads frames as pygls asks for them, finding their beginning again after noise."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readline(self) -> bytes:
        """The next line of a header; empty at the end of the stream."""
        line = self._stream.readline(_LONGEST_LINE)
        if (match := _LENGTH.search(line)) is not None:
            return b"Content-Length: %d\r\n" % int(match[1])
        return line

    def read(self, size: int) -> bytes:
        """A body. OverflowError if it cannot be one."""
        if size > _MOST_BYTES:
            raise OverflowError(f"a frame of {size} bytes")
        return self._stream.read(size)


class Writer:
    """Writes frames on a thread of its own, so that a client that reads slowly blocks nobody.

    Thread-safe. What is written after the client has gone is dropped.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._frames: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._drain, name="writer", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        """Queue one whole frame."""
        self._frames.put(data)

    def flush(self) -> None:
        """Nothing to do: every frame is flushed as it is written."""

    def close(self) -> None:
        """Write what is queued, for a short while, and stop."""
        self._frames.put(None)
        self._thread.join(_FLUSH_SECONDS)

    def _drain(self) -> None:
        while (data := self._frames.get()) is not None:
            try:
                self._stream.write(data)
                self._stream.flush()
            except (OSError, ValueError):
                _log.debug("the client has gone", exc_info=True)
                return


def take_stdio() -> Streams:
    """Claim stdin and stdout for the protocol; everyone else gets nothing and stderr.

    The duplicate of stdout is buffered by us: under `PYTHONUNBUFFERED` Python's own is not,
    and frames of a few kilobytes would interleave.
    """
    reader = os.fdopen(os.dup(0), "rb")
    writer = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return Streams(Reader(reader), Writer(writer), local=True)


def accept_one(host: str, port: int) -> Streams:
    """Wait for one client on a TCP port (0: any free one), and turn every other away.

    The address is told on stderr, and so is the token unless `CODESEARCH_TOKEN` is one: other
    users of this machine can reach the port. OSError when the address cannot be had, or is one
    that others on the network can reach.
    """
    given = os.environ.pop(_TOKEN_VARIABLE, "")  # our own children need not know it
    token = given or secrets.token_urlsafe(_TOKEN_BYTES)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=1) as listener:
        address, chosen = listener.getsockname()[:2]
        if not ipaddress.ip_address(address).is_loopback:
            raise OSError("only loopback addresses are served; use an SSH tunnel from elsewhere")
        if not given:
            print(f"codesearch: token {token}", file=sys.stderr)  # noqa: T201
        print(f"codesearch: listening on {address}:{chosen}", file=sys.stderr, flush=True)  # noqa: T201
        connection, _ = listener.accept()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    reader, writer = connection.makefile("rb"), connection.makefile("wb")
    return Streams(Reader(reader), Writer(writer), local=False, token=token)
