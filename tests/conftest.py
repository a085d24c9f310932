"""Shared by all tests: a cache and settings of their own, never the developer's."""

from __future__ import annotations

from pathlib import Path

import pytest

# Whole processes and real editors on whatever machine this is: one that fails may try once more.
# That is told at the end (`-rR`), and what fails both times has failed.
_WHOLE_PROCESSES = ("e2e", "torture")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of whole processes try twice."""
    here = Path(__file__).parent
    for item in items:
        if item.path.relative_to(here).parts[0] in _WHOLE_PROCESSES:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(autouse=True)
def private_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point codesearch at an empty cache and at settings that do not exist."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("CODESEARCH_CACHE_DIR", str(home / "cache"))
    monkeypatch.setenv("CODESEARCH_CONFIG", str(home / "config.toml"))
    return home
