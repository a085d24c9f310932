"""End to end: the real command, the real server, the real encoder, on a real repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PARCELS = Path(__file__).parents[2] / "fixtures" / "parcels"

Run = Callable[..., subprocess.CompletedProcess[str]]


def codesearch(
    *arguments: str | Path,
    cwd: Path,
    cache: Path,
    stdin: str | None = None,
    env: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does, with a cache of its own."""
    ours = {"CODESEARCH_CACHE_DIR": str(cache), "NO_COLOR": "1", **(env or {})}
    environment = {**os.environ, **ours}
    return subprocess.run(
        [sys.executable, "-m", "codesearch", *map(str, arguments)],
        check=False,
        cwd=cwd,
        env=environment,
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        timeout=170,
    )


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A copy of the parcels repository, warmed up once: (root, cache). Not to be changed."""
    base = tmp_path_factory.mktemp("warm")
    root = shutil.copytree(PARCELS, base / "parcels")
    answer = codesearch("warmup", root, cwd=base, cache=base / "cache")
    assert answer.returncode == 0, answer.stderr
    return root, base / "cache"


@pytest.fixture
def run(warm: tuple[Path, Path]) -> Run:
    """Run the command inside the warm repository."""
    root, cache = warm

    def run_there(
        *arguments: str | Path, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        return codesearch(*arguments, cwd=root, cache=cache, stdin=stdin)

    return run_there
