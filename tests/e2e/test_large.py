"""The commands in a repository that is large by its settings."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import codesearch

LARGE = "tasks is large. Still to be embedded are about "


@pytest.fixture
def large(tmp_path: Path) -> Path:
    root = tmp_path / "tasks"
    for number in range(150):
        lines = [f"def task_{number}_{n}(a):\n    return a + {n}\n\n" for n in range(20)]
        file = root / ("src" if number % 50 == 0 else "old") / f"tasks_{number}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(lines))
    return root


def run(root: Path, *arguments: str, warn_mb: float = 0.02) -> subprocess.CompletedProcess[str]:
    """The command, with settings for tests in the user's file."""
    config = root.parent / "config.toml"
    config.write_text(f'[encoder]\nname = "fake"\n[indexing]\nnice = 0\nwarn_mb = {warn_mb}\n')
    env = {"CODESEARCH_TEST": "1", "CODESEARCH_CONFIG": str(config)}
    answer = codesearch(*arguments, cwd=root, cache=root.parent / "cache", env=env)
    assert answer.returncode == 0, answer.stderr
    return answer


def test_a_search_tells_it_once_and_a_warmup_while_it_is_so(large: Path) -> None:
    first = run(large, "search", "task_7_3")
    assert LARGE + "150 files" in first.stderr
    assert "only its words are read" in first.stderr
    assert "task_7_3" in first.stdout
    status = json.loads(run(large, "status", "--json").stdout)
    assert status["ahead"]["files"] == 150
    assert "about 150 files" in run(large, "status").stdout
    assert LARGE not in run(large, "search", "task_7_3").stderr
    warmup = run(large, "warmup", ".")
    assert LARGE in warmup.stderr  # of fewer files, if some were done before it was told
    assert "Ctrl-C" in warmup.stderr
    assert json.loads(run(large, "status", "--json").stdout)["ahead"] is None
    assert LARGE not in run(large, "warmup", ".").stderr


def test_quiet_is_quiet(large: Path) -> None:
    assert run(large, "search", "task_7_3", "--json").stderr == ""
    assert run(large, "warmup", ".", "--quiet").stderr == ""


def test_a_small_one_and_one_folder_of_a_large_one_are_not_told(large: Path) -> None:
    assert "large" not in run(large, "warmup", ".", warn_mb=25).stderr
    (large / ".codesearch.toml").write_text('[indexing]\nignore = ["/*", "!/src/"]\n')
    assert "large" not in run(large, "warmup", ".").stderr
    status = json.loads(run(large, "status", "--json").stdout)
    assert (status["files"], status["units"]) == (3, 60)
