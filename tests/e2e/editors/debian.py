"""Programs of Debian's sid, unpacked to a folder: newer than what a machine has, never installed.

Each gets the loader and libraries that it was built for, so that those of this machine do not
matter. apt finds out what they need, so that only the names below have to stay as they are.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

PACKAGES = ("neovim", "neovim-telescope", "fzf", "tmux", "hx", "emacs-nox", "lua-check", "patchelf")
# Where a package cannot be had for some days, the other still has it.
SUITES = ("sid", "testing")
_KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
_WRAPPER = """#!/bin/sh
base={base}
{environment}
exec {command} "$@"
"""
# Where the compiled programs are: what is patched.
_ELF = (
    *("usr/bin/nvim", "usr/bin/fzf", "usr/bin/tmux", "usr/lib/hx/hx", "usr/bin/emacs-nox"),
    "usr/bin/lua5.1",
)
# By name: what a program is told of where its files are, and what is run.
_PROGRAMS = {
    "nvim": (
        'export LUA_CPATH="$(echo "$base"/usr/lib/*/lua/5.1)/?.so"',
        '"$base/usr/bin/nvim"',
    ),
    "fzf": ("", '"$base/usr/bin/fzf"'),
    "tmux": ("", '"$base/usr/bin/tmux"'),
    "hx": ('export HELIX_RUNTIME="$base/usr/lib/hx/runtime"', '"$base/usr/lib/hx/hx"'),
    "emacs": (
        'lisp=$(echo "$base"/usr/share/emacs/*/lisp)\n'
        'export EMACSLOADPATH="$lisp" EMACSDATA="${lisp%/lisp}/etc" EMACSDOC="${lisp%/lisp}/etc"\n'
        'export EMACSPATH="$(echo "$base"/usr/libexec/emacs/*/*)"',
        '"$base/usr/bin/emacs-nox" --dump-file="$(echo "$EMACSPATH"/*.pdmp)"',
    ),
    "luacheck": (
        'export LUA_PATH="$base/usr/share/lua/5.1/?.lua;$base/usr/share/lua/5.1/?/init.lua"\n'
        'export LUA_CPATH="$(echo "$base"/usr/lib/*/lua/5.1)/?.so"',
        '"$base/usr/bin/lua5.1" "$base/usr/bin/luacheck"',
    ),
}


def program(name: str) -> Path:
    """One of the programs, ready to be run."""
    return unpacked() / "bin" / name


@functools.cache
def unpacked() -> Path:
    """Where the packages are; downloaded by the first process that asks."""
    wanted = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
    base = Path(tempfile.gettempdir()) / f"codesearch-debian-{Path.home().name}"
    base.mkdir(exist_ok=True)
    with (base / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = base / wanted
        if not done.exists():
            half = base / "half"
            shutil.rmtree(half, ignore_errors=True)
            _unpack(half)
            _patch(half, done)
            _write_wrappers(half, done)
            half.rename(done)
    return done


def _unpack(base: Path) -> None:
    for needed in ("apt-get", "dpkg-deb"):
        assert shutil.which(needed), f"{needed} is needed to test editors: tests run on Debian"
    problems = []
    for suite in SUITES:
        problem = _download(base / "apt" / suite, suite)
        if problem is None:
            for package in sorted((base / "apt" / suite).glob("cache/archives/*.deb")):
                _run(["dpkg-deb", "-x", package, base])
            return shutil.rmtree(base / "apt")
        problems.append(f"{suite}: {problem}")
    names = " ".join(PACKAGES)
    message = f"none of {SUITES} has all of: {names}. Renamed? They are named in {__file__}.\n"
    raise AssertionError(message + "\n".join(problems))


def _download(apt: Path, suite: str) -> str | None:
    """The packages and all that they need, into `apt`; why that cannot be done, else None."""
    for folder in ("state/lists/partial", "cache/archives/partial"):
        (apt / folder).mkdir(parents=True)
    (apt / "status").touch()
    (apt / "sources").write_text(f"deb [signed-by={_KEYS}] {_mirror()} {suite} main\n")
    options = {
        "Dir::Etc::sourcelist": apt / "sources",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State": apt / "state",
        "Dir::State::status": apt / "status",
        "Dir::Cache": apt / "cache",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
        "APT::Sandbox::User": "root",
        "APT::Install-Recommends": "false",
    }
    command = ["apt-get", "-qy", *(f"-o{name}={value}" for name, value in options.items())]
    try:
        _run([*command, "update"])
        _run([*command, "install", "--download-only", *PACKAGES])
    except AssertionError as error:
        return str(error)
    return None


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


def _patch(base: Path, final: Path) -> None:
    """Make the programs start with the loader and libraries that stand beside them."""
    loader = next(base.glob("usr/lib/*/ld-linux-*.so.*")).relative_to(base)
    libraries = loader.parent
    patchelf = [base / loader, "--library-path", base / libraries, base / "usr/bin/patchelf"]
    for name in _ELF:
        change = ["--set-interpreter", final / loader, "--force-rpath"]
        _run([*patchelf, *change, "--set-rpath", final / libraries, base / name])


def _write_wrappers(base: Path, final: Path) -> None:
    (base / "bin").mkdir()
    for name, (environment, command) in _PROGRAMS.items():
        wrapper = base / "bin" / name
        wrapper.write_text(_WRAPPER.format(base=final, environment=environment, command=command))
        wrapper.chmod(0o755)


def _run(command: Sequence[str | Path]) -> None:
    answer = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
