"""`codesearch search` in a repository that was never seen before."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import PARCELS, codesearch

QUESTION = "try again later when the other service is down"


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return shutil.copytree(PARCELS, tmp_path / "parcels")


def units(root: Path, cache: Path) -> int:
    status = json.loads(codesearch("status", "--json", cwd=root, cache=cache).stdout)
    return int(status["units"])


def test_it_is_answered_and_then_read(new: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    answer = codesearch("search", QUESTION, cwd=new, cache=cache)
    assert answer.returncode == 0
    assert "persistently" in answer.stdout
    assert "not indexed yet" in answer.stderr
    assert "reading all files for the next question" in answer.stderr
    assert units(new, cache) > 20
    again = codesearch("search", QUESTION, cwd=new, cache=cache)
    assert "persistently" in again.stdout
    assert "not indexed yet" not in again.stderr


def test_nothing_is_indexed_unless_it_may_be(new: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    answer = codesearch("search", QUESTION, "--json", "--no-update", cwd=new, cache=cache)
    told = json.loads(answer.stdout)
    assert "persistently" in [hit["name"] for hit in told["hits"]]
    assert answer.stderr == ""
    assert units(new, cache) == 0


def test_the_answer_comes_before_the_reading(new: Path, tmp_path: Path) -> None:
    """A reader that takes the answer and goes is enough: nothing waits for the index."""
    command = [sys.executable, "-m", "codesearch", "search", "persistently", "-n", "1"]
    environment = {**os.environ, "CODESEARCH_CACHE_DIR": str(tmp_path / "cache")}
    with subprocess.Popen(
        command, cwd=new, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as running:
        assert running.stdout is not None
        assert b"persistently" in running.stdout.readline()
        assert running.poll() is None
        running.stdout.close()
        assert running.wait(60) == 0
