"""Nothing to do is found out without a worker, and never wrongly."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from codesearch.indexing import IndexSupervisor, read_status, refresh
from codesearch.indexing.unchanged import is_unchanged
from codesearch.paths import index_home
from codesearch.settings import EncoderSettings, IndexingSettings, Settings
from codesearch.types import IndexStatus, Phase

from .helpers import contents, supervised, until, until_complete

SETTINGS = Settings(encoder=EncoderSettings(name="fake"))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CODESEARCH_TEST", "1")
    root = tmp_path / "repository"
    root.mkdir()
    for name in ("one", "two"):
        path = root / f"{name}.py"
        path.write_text(f"def {name}():\n    return 1\n")
        _age(path)
    refresh(root, SETTINGS)
    return root


def _age(path: Path) -> None:
    """A file of the last seconds is read again at the next look, whatever its time."""

    stat = path.stat()
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns - 60_000_000_000))


def test_nothing_changed(root: Path) -> None:
    assert is_unchanged(root, SETTINGS)
    assert refresh(root, SETTINGS).complete


def test_no_index(tmp_path: Path, root: Path) -> None:
    assert not is_unchanged(tmp_path, SETTINGS)


def test_an_edit_a_new_file_and_a_deletion_are_changes(root: Path) -> None:
    (root / "three.py").write_text("x = 1\n")
    assert not is_unchanged(root, SETTINGS)
    (root / "three.py").unlink()
    assert is_unchanged(root, SETTINGS)
    (root / "one.py").write_text("def one():\n    return 11\n")
    assert not is_unchanged(root, SETTINGS)
    refresh(root, SETTINGS)
    (root / "two.py").unlink()
    assert not is_unchanged(root, SETTINGS)


def test_other_settings_are_a_change(root: Path) -> None:
    for indexing in (IndexingSettings(max_file_bytes=9), IndexingSettings(ignore=("one.py",))):
        assert not is_unchanged(root, replace(SETTINGS, indexing=indexing))
    assert not is_unchanged(root, Settings())  # another encoder


def test_an_index_that_is_complete_is_taken_over_without_a_worker(root: Path) -> None:
    told: list[IndexStatus] = []
    began = time.time()
    with supervised(root, SETTINGS, told.append) as supervisor:
        until_complete(supervisor, began)
        assert supervisor.is_leader
    assert all(status.writer_pid is None for status in told)


def test_what_was_left_is_told_when_somebody_has_looked(root: Path) -> None:
    assert read_status(root).complete
    assert IndexSupervisor(root, SETTINGS).status.phase is Phase.SCANNING


def test_a_table_that_rotted_is_noticed_without_a_change(root: Path) -> None:
    table = index_home(root) / "table.lance" / "data"
    file = next(table.iterdir())
    file.write_bytes(file.read_bytes()[::-1])
    with supervised(root, SETTINGS) as supervisor:
        until(supervisor, lambda status: status.writer_pid is not None)
        until_complete(supervisor)
    assert len(contents(root, SETTINGS)) == 2
