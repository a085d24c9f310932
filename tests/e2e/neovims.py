"""Real Neovims to test with: 0.11 from PyPI, a newer one and Telescope from Debian's sid.

Debian's packages are unpacked to a folder, not installed; the newer Neovim runs with its own
loader, so that it does not depend on this machine's libraries.
"""

from __future__ import annotations

import fcntl
import functools
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PLUGIN = Path(__file__).parents[2] / "editors" / "nvim"
PYPI = Path(sys.executable).with_name("nvim")
VERSIONS = ("0.11", "0.12")
_PACKAGES = (
    *("neovim", "neovim-runtime", "neovim-plenary", "neovim-telescope", "libc6", "libgcc-s1"),
    *("libluajit-5.1-2", "libtree-sitter0.26", "libunibilium4", "libutf8proc3", "libuv1t64"),
    *("lua-lpeg", "lua-luv"),
)
_KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
_WRAPPER = """#!/bin/sh
base={base}
libraries=$(dirname "$(ls "$base"/usr/lib/*/ld-linux-*.so.* | head -n 1)")
export VIMRUNTIME="$base/usr/share/nvim/runtime" LUA_CPATH="$libraries/lua/5.1/?.so"
exec "$libraries"/ld-linux-*.so.* --library-path "$libraries" --argv0 "$0" \
  "$base/usr/bin/nvim" "$@"
"""


def neovim(version: str) -> Path:
    """The program of one of `VERSIONS`."""
    return PYPI if version == "0.11" else debian() / "nvim"


def telescope() -> list[Path]:
    """Folders for Neovim's runtimepath: Telescope and what it needs."""
    return [debian() / "usr/share" / name for name in ("neovim-plenary", "neovim-telescope")]


@functools.cache
def debian() -> Path:
    """Where Debian's packages are unpacked; downloaded by the first process that asks."""
    base = Path(tempfile.gettempdir()) / f"codesearch-neovim-{_user()}"
    base.mkdir(exist_ok=True)
    with (base / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = base / "unpacked"
        if not done.exists():
            half = base / "half"
            shutil.rmtree(half, ignore_errors=True)
            _unpack(half)
            half.rename(done)
            _write_wrapper(done)
    return done


def _user() -> str:
    return Path.home().name


def _unpack(base: Path) -> None:
    for program in ("apt-get", "dpkg-deb"):
        assert shutil.which(program), f"{program} is needed to test Neovim 0.12 and Telescope"
    apt = base / "apt"
    for folder in ("state/lists/partial", "cache/archives/partial", "packages"):
        (apt / folder).mkdir(parents=True)
    (apt / "status").touch()
    (apt / "sources").write_text(f"deb [signed-by={_KEYS}] {_mirror()} sid main\n")
    options = {
        "Dir::Etc::sourcelist": apt / "sources",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State": apt / "state",
        "Dir::State::status": apt / "status",
        "Dir::Cache": apt / "cache",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
        "APT::Sandbox::User": "root",
    }
    command = ["apt-get", "-q", *(f"-o{name}={value}" for name, value in options.items())]
    _run([*command, "update"], apt)
    _run([*command, "download", *_PACKAGES], apt / "packages")
    for package in sorted((apt / "packages").glob("*.deb")):
        _run(["dpkg-deb", "-x", str(package), str(base)], apt)
    shutil.rmtree(apt)


def _mirror() -> str:
    """The address from which this machine gets its Debian packages."""
    sources = [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]
    for source in sources:
        for line in source.read_text().splitlines() if source.is_file() else ():
            words = line.replace("URIs:", "deb").split()
            address = next((word for word in words if word.rstrip("/").endswith("/debian")), None)
            if words[:1] == ["deb"] and address:
                return address
    raise AssertionError("no Debian mirror in /etc/apt")


def _write_wrapper(base: Path) -> None:
    program = base / "nvim"
    program.write_text(_WRAPPER.format(base=base))
    program.chmod(0o755)


def _run(command: list[str], cwd: Path) -> None:
    answer = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
