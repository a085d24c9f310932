"""Nothing to do is found out without a worker, and never wrongly."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from codesearch.indexing import refresh
from codesearch.indexing.unchanged import is_unchanged
from codesearch.settings import EncoderSettings, IndexingSettings, Settings

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
