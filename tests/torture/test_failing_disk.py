"""A disk that is full at any write: it is said, nothing is lost, and all goes on with room."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from codesearch.errors import StoreError
from codesearch.indexing import refresh
from codesearch.settings import Settings
from tests.indexing.helpers import contents, fake_settings, module, write
from tests.server.client import Server
from tests.torture.disks import Disk, small_disk
from tests.torture.scale import SCALE, SECONDS, SEED
from tests.torture.scratch import from_scratch

_SETTINGS = fake_settings()
_FILES = 20
_MOST_ROOM = 600_000  # bytes; an index of these files needs less

pytestmark = pytest.mark.timeout(600 + SECONDS)


@pytest.fixture
def disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Iterator[Disk]:
    """Where the cache lies."""
    monkeypatch.setenv("CODESEARCH_TEST", "1")
    monkeypatch.setenv("CODESEARCH_CACHE_DIR", str(tmp_path / "disk" / "cache"))
    caplog.set_level(logging.CRITICAL)
    with small_disk(tmp_path / "disk") as small:
        yield small


def test_at_any_moment(disk: Disk, tmp_path: Path) -> None:
    root = tmp_path / "root"
    chosen = random.Random(SEED)
    refused = 0
    for at in range(2 * SCALE):
        write(root, {f"m{n}.py": module(f"m{n}_{at}", 8) for n in range(_FILES)})
        disk.leave(0 if at == 0 else chosen.randrange(_MOST_ROOM // 2))
        error = _refusal(root, _SETTINGS)
        assert error is None or "Free some space" in error
        refused += error is not None
        disk.free()
        status = refresh(root, _SETTINGS)
        assert status.complete
        assert status.last_error is None
    assert refused
    assert contents(root, _SETTINGS) == from_scratch(root, _SETTINGS)


def test_under_a_server(
    disk: Disk, tmp_path: Path, start: Callable[..., Server], workspace: Path
) -> None:
    server = start()
    server.open(workspace)
    server.wait_ready()
    disk.leave(0)
    (workspace / "late.py").write_text(module("late", 2_000))
    if disk.mounted:  # else the server, which runs already, is not bounded
        server.wait_status(
            lambda roots: "Free some space" in (roots[0].get("lastError") or ""), SECONDS
        )
    assert server.search("add_parcel")[0]["name"] == "add_parcel"
    disk.free()
    (workspace / "later.py").write_text(module("later"))
    server.wait_ready(SECONDS)
    assert server.search("late_1999")[0]["name"] == "late_1999"
    assert server.search("later_1")[0]["name"] == "later_1"
    assert server.stop() == 0
    errors = server.errors()
    assert "Traceback" not in errors, errors


def _refusal(root: Path, settings: Settings) -> str | None:
    """What is said when there is not room enough; None if there was."""
    try:
        refresh(root, settings)
    except StoreError as error:
        return str(error)
    return None
