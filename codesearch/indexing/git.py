"""Asking git which files a work tree has, without letting the repository run anything.

A repository brings its own configuration, and some of it names programs. Everything that
`ls-files` could start is switched off here, and no lock is taken in the user's repository.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

_SAFE = (
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "core.untrackedCache=false"),
    *("-c", "core.quotePath=false"),
    *("-c", "protocol.allow=never"),
    "--no-pager",
)
_TIMEOUT_SECONDS = 120.0


class GitUnavailableError(Exception):
    """There is no git here, no work tree, or git refuses (an owner it does not trust)."""


def tracked_files(root: Path, only: Sequence[str] = ()) -> list[str]:
    """Paths under `root` that git tracks, submodules as one path each; `only` narrows."""
    return _list(root, only, "--cached")


def untracked_files(root: Path, only: Sequence[str] = ()) -> list[str]:
    """Paths that git neither tracks nor ignores; a repository inside ends with a slash."""
    return _list(root, only, "--others", "--exclude-standard")


def require_work_tree(root: Path) -> None:
    """Raise GitUnavailableError unless git can list `root`.

    A root that its surrounding repository ignores was opened on purpose, so git, which
    would list nothing, is not the one to ask.
    """
    if run_git(root, "rev-parse", "--is-inside-work-tree").strip() != b"true":
        raise GitUnavailableError(f"{root} is not in a git work tree")
    if not (root / ".git").exists() and _is_ignored(root):
        raise GitUnavailableError(f"{root} is ignored by the repository around it")


def git_folder(root: Path) -> Path | None:
    """Where git keeps the state of `root`'s work tree (HEAD, index); None without git."""
    try:
        output = run_git(root, "rev-parse", "--absolute-git-dir")
    except GitUnavailableError:
        return None
    return Path(os.fsdecode(output.rstrip(b"\n")))


def _is_ignored(root: Path) -> bool:
    try:
        return bool(run_git(root, "check-ignore", "."))
    except GitUnavailableError:  # its way to say no
        return False


def _list(root: Path, only: Sequence[str], *which: str) -> list[str]:
    output = run_git(root, "--literal-pathspecs", "ls-files", "-z", *which, "--", *only)
    return [os.fsdecode(path) for path in dict.fromkeys(output.split(b"\0")) if path]


def run_git(root: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    """What git prints for a command that only reads; GitUnavailableError if it fails."""
    try:
        done = subprocess.run(
            ["git", *_SAFE, "-C", str(root), *arguments],
            input=stdin,
            capture_output=True,
            env=_environment(),
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GitUnavailableError(f"git could not be run: {error}") from error
    if done.returncode != 0:
        raise GitUnavailableError(done.stderr.decode(errors="replace").strip() or "git failed")
    return done.stdout


def _environment() -> dict[str, str]:
    # GIT_DIR and its like are set when we are started from a hook and name another repository.
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return kept | {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
