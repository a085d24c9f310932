"""Logs: a JSON object a line, bounded, private."""

from __future__ import annotations

import json
import logging
import os
import stat
from pathlib import Path

from codesearch import logs
from codesearch.paths import logs_home


def _logger(handler: logging.Handler) -> logging.Logger:
    logger = logging.getLogger("codesearch.tested")
    logger.propagate = False  # pytest hands on what it sees to processes that take no surrogates
    logger.handlers.clear()
    logger.addHandler(handler)
    return logger


def test_a_line_is_an_object(tmp_path: Path) -> None:
    logger = _logger(logs.to_file(tmp_path / "log"))
    logger.warning("%s files\nin two lines \ud800", 3)
    logger.error("not written", exc_info=OSError("no room"))
    first, second = map(json.loads, (tmp_path / "log").read_text("utf-8").splitlines())
    assert first["message"].startswith("3 files\nin two lines")
    assert (first["level"], first["logger"]) == ("WARNING", "codesearch.tested")
    assert first["pid"] == os.getpid()
    assert "trace" not in first
    assert second["trace"].endswith("OSError: no room")


def test_files_are_private_and_bounded(tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        logger = _logger(logs.to_file(tmp_path / "log"))
        for _ in range(300):
            logger.warning("x" * 10_000)
    finally:
        os.umask(umask)
    found = sorted(tmp_path.iterdir())
    assert [file.name for file in found] == ["log", "log.1"]
    for file in found:
        assert file.stat().st_size <= 1_000_000
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_only_the_latest_servers_are_remembered() -> None:
    _logger(logs.of_server()).warning("first")
    (mine,) = logs_home().iterdir()
    for number in range(40):
        other = logs_home() / f"server-x{number}.jsonl"
        other.write_text("{}")
        os.utime(other, (number + 1, number + 1))
    logs.of_server()
    left = {file.name for file in logs_home().iterdir()}
    assert len(left) == 20
    assert {mine.name, "server-x39.jsonl"} <= left
    assert "server-x3.jsonl" not in left


def test_nothing_is_made_before_there_is_something_to_say() -> None:
    logs.of_server()
    assert list(logs_home().iterdir()) == []
