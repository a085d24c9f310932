"""The plugin's Lua, and that of its tests: luacheck and StyLua have nothing to say."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.editors import debian
from tests.e2e.editors.neovims import PLUGIN

REPOSITORY = PLUGIN.parents[1]
# StyLua as WebAssembly: the other packages of that name download a program when installed.
STYLUA = "@johnnymorganz/stylua@2.5.2"
CHECK = Path(__file__).with_name("stylua.mjs")


@pytest.fixture(scope="module")
def files() -> list[str]:
    command = ["git", "ls-files", "-co", "--exclude-standard", "--", "*.lua"]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    ours = ("editors/nvim/", "tests/e2e/editors/")
    found = [name for name in listed.stdout.splitlines() if name.startswith(ours)]
    assert found
    return found


def run(*command: str | Path, folder: Path = REPOSITORY) -> None:
    answer = subprocess.run(
        list(map(str, command)), cwd=folder, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_luacheck_finds_nothing(files: list[str]) -> None:
    config = PLUGIN / ".luacheckrc"
    run(debian.program("luacheck"), "--no-color", "-q", "--config", config, *files)


def test_stylua_would_change_nothing(files: list[str], tmp_path: Path) -> None:
    npm = shutil.which("npm")
    assert npm, "npm is needed to check the form of Lua: install Node.js 20"
    (tmp_path / "package.json").write_text("{}")  # or npm looks for one further up
    # Not `--prefix`: it makes npm forget the machine's own settings, its certificates among them.
    options = ("--loglevel=error", "--no-save", "--ignore-scripts")
    run(npm, "install", *options, STYLUA, folder=tmp_path)
    package = tmp_path / "node_modules" / "@johnnymorganz" / "stylua"
    run("node", CHECK, package, PLUGIN / "stylua.toml", *files)
