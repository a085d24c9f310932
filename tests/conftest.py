"""Shared by all tests: a cache and settings of their own, never the developer's."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def private_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point codesearch at an empty cache and at settings that do not exist."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("CODESEARCH_CACHE_DIR", str(home / "cache"))
    monkeypatch.setenv("CODESEARCH_CONFIG", str(home / "config.toml"))
    return home
