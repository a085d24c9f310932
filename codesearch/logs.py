"""Logs as JSON lines, in files of bounded size that only their owner can read.

A line is one object: time, pid, level, logger, message, and trace if there was an exception.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from codesearch.paths import logs_home, make_private

_MOST_BYTES = 1_000_000  # of a file, and once more of its predecessor
_SERVERS_KEPT = 10  # logs of the latest servers


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "pid": record.process,
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


class _PrivateFile(RotatingFileHandler):
    def _open(self) -> io.TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        file = os.fdopen(descriptor, "ab")
        return io.TextIOWrapper(file, encoding="utf-8", errors="backslashreplace")


def to_file(path: Path) -> logging.Handler:
    """A handler that adds JSON lines to `path`, and begins anew when that is full."""
    handler = _PrivateFile(path, maxBytes=_MOST_BYTES, backupCount=1, encoding="utf-8", delay=True)
    handler.setFormatter(_JsonLines())
    return handler


def of_server() -> logging.Handler:
    """The handler of this process's own log, which is made with its first line.

    Logs of servers that ended before the latest ones are removed. OSError if there is no folder.
    """
    folder = make_private(logs_home())
    old = sorted(folder.glob("server-*.jsonl*"), key=lambda file: file.stat().st_mtime)
    for file in old[: -2 * _SERVERS_KEPT]:
        with contextlib.suppress(OSError):
            file.unlink()
    return to_file(folder / f"server-{os.getpid()}.jsonl")
