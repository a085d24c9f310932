"""Indexes of folders that are gone go too, in time; all others stay."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from codesearch.indexing.protocol import LEADER_LOCK
from codesearch.indexing.retention import KEPT_SECONDS, expire_indexes
from codesearch.paths import index_home, make_private
from codesearch.store import ProcessLock

NOW = time.time()


@pytest.fixture
def gone(tmp_path: Path) -> Path:
    """The index of a folder that is not there, last written to long ago."""
    return made(tmp_path / "gone")


def made(root: Path, file: str = "status.json", age: float = KEPT_SECONDS + 60) -> Path:
    """An index as it is left behind."""
    home = make_private(index_home(root))
    (home / "table.lance").mkdir()
    (home / file).write_text(json.dumps({"root": str(root)}))
    for one in (*home.iterdir(), home):
        os.utime(one, (NOW - age, NOW - age))
    return home


@pytest.mark.parametrize("file", ["status.json", "meta.json", "manifest.db"])
def test_it_is_removed_when_its_folder_has_been_gone_for_long(file: str, tmp_path: Path) -> None:
    home = made(tmp_path / "gone", file)
    assert expire_indexes(now=NOW) == [home]
    assert not home.exists()


def test_a_folder_that_was_there_lately_may_come_back(tmp_path: Path) -> None:
    home = made(tmp_path / "unmounted", age=KEPT_SECONDS - 60)
    assert expire_indexes(now=NOW) == []
    assert home.exists()


def test_an_index_whose_folder_is_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    home = made(tmp_path / "here")
    assert expire_indexes(now=NOW) == []
    assert home.exists()


def test_what_somebody_uses_is_kept(gone: Path) -> None:
    with ProcessLock(gone / LEADER_LOCK):
        os.utime(gone / LEADER_LOCK, (1, 1))
        os.utime(gone, (1, 1))
        assert expire_indexes(now=NOW) == []
    assert gone.exists()


def test_what_is_not_ours_is_left_alone(gone: Path) -> None:
    foreign = gone.parent / "thesis"
    foreign.mkdir()
    os.utime(foreign, (1, 1))
    expire_indexes(now=NOW)
    assert foreign.is_dir()
