"""Every test of this room may use the encoder for tests."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def test_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODESEARCH_TEST", "1")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty folder to index."""
    folder = tmp_path / "root"
    folder.mkdir()
    return folder
