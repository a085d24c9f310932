"""A repository that means harm: nothing of it runs, and it changes no setting that matters."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from codesearch.settings import Settings, load_settings
from tests.server.client import Server

pytestmark = pytest.mark.timeout(300)

# The only ones that docs/settings.md grants to a repository.
_GRANTED = {("indexing", "ignore"), ("indexing", "max_file_bytes"), ("search", "limit")}
_OTHERS: dict[type, Any] = {bool: True, int: 77, float: 0.77, str: "cpu", type(None): "evil"}


def _every_setting() -> list[tuple[str, str, Any]]:
    defaults = Settings()
    return [
        (group.name, field.name, getattr(getattr(defaults, group.name), field.name))
        for group in dataclasses.fields(defaults)
        for field in dataclasses.fields(getattr(defaults, group.name))
    ]


@pytest.mark.parametrize(("group", "key", "default"), _every_setting())
def test_a_repository_sets_what_it_is_granted_and_nothing_else(
    group: str, key: str, default: Any, tmp_path: Path
) -> None:
    value = ["x"] if isinstance(default, tuple) else _OTHERS[type(default)]
    if isinstance(default, bool):
        value = not default
    (tmp_path / ".codesearch.toml").write_text(f"[{group}]\n{key} = {json.dumps(value)}\n")
    settings, problems = load_settings(tmp_path)
    if (group, key) in _GRANTED:
        assert getattr(getattr(settings, group), key) != default
        assert not problems
    else:
        assert settings == Settings()
        assert problems == [f".codesearch.toml: {group}.{key} can only be set by the user"]


_MODULES = ("codesearch", "torch", "numpy", "lancedb", "click", "json", "sitecustomize", "regex")


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A repository whose every part leaves a file `ran-…` if it runs."""
    root = tmp_path / "hostile"
    root.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    (root / "melt.py").write_text("def melt_the_cheese(pan):\n    return pan.heat()\n")
    subprocess.run(["git", "add", "."], cwd=root, check=True)
    for name in _MODULES:
        trace = str(tmp_path / f"ran-{name}")
        (root / f"{name}.py").write_text(f"open({trace!r}, 'w').close()\nraise SystemExit\n")
    script = root / "program.sh"
    script.write_text(f'#!/bin/sh\ntouch "{tmp_path}/ran-git-$(basename "$0")-$1"\n')
    script.chmod(0o755)
    for key in ("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "diff.external"):
        subprocess.run(["git", "config", key, str(script)], cwd=root, check=True)
    subprocess.run(["git", "config", "filter.x.clean", str(script)], cwd=root, check=True)
    subprocess.run(["git", "config", "alias.ls-files", f"!{script}"], cwd=root, check=True)
    (root / ".gitattributes").write_text("*.py filter=x diff=x\n")
    hooks = root / ".git" / "hooks"
    for hook in ("post-index-change", "pre-commit", "fsmonitor-watchman"):
        (hooks / hook).write_text(script.read_text())
        (hooks / hook).chmod(0o755)
    return root


def _environment(tmp_path: Path) -> dict[str, str]:
    config = tmp_path / "config.toml"
    config.write_text('[encoder]\nname = "fake"\n')
    return {"CODESEARCH_CONFIG": str(config), "CODESEARCH_TEST": "1"}


def test_nothing_of_a_repository_runs(hostile: Path, tmp_path: Path) -> None:
    """Commands and server are started in it, as people and editors do."""
    env = _environment(tmp_path)
    program = Path(sys.executable).with_name("codesearch")
    for arguments in (["warmup", "."], ["search", "cheese"], ["status"], ["doctor"]):
        answer = subprocess.run(
            [program, *arguments],
            cwd=hostile,
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert answer.returncode == 0, answer.stdout + answer.stderr
    command = ["sh", "-c", f'cd "{hostile}" && exec "{program}" serve --stdio']
    server = Server(env=env, command=command)
    server.open(hostile)
    server.wait_ready()
    found = server.request("codesearch/search", {"query": "melt_the_cheese"})["hits"]
    assert found[0]["path"] == "melt.py"
    assert server.stop() == 0
    assert not list(tmp_path.glob("ran-*"))


def test_nothing_is_written_into_a_repository(hostile: Path, tmp_path: Path) -> None:
    before = _listing(hostile)
    env = _environment(tmp_path)
    server = Server(env=env)
    server.open(hostile)
    server.wait_ready()
    assert server.stop() == 0
    assert _listing(hostile) == before


def _listing(root: Path) -> dict[str, tuple[int, int]]:
    found = sorted(root.rglob("*"))
    return {str(p): (p.lstat().st_mtime_ns, p.lstat().st_size) for p in found}
