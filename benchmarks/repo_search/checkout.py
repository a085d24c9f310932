"""Brings a benchmark repository to its pinned revision, outside the project."""

from __future__ import annotations

import subprocess
from pathlib import Path


def checkout(repository: str, revision: str, target: Path, source: str) -> Path:
    """Extract `revision` of `repository` ("owner/name") into `target`, once.

    `source` says where repositories are: a pattern with `{owner}` and `{name}` that gives a local
    git directory or a clone URL.
    """
    marker = target / ".revision"
    if marker.is_file() and marker.read_text() == revision:
        return target
    target.mkdir(parents=True, exist_ok=True)
    git_dir = git_directory(source, repository, target.parent)
    archive = subprocess.run(
        ["git", f"--git-dir={git_dir}", "archive", revision], capture_output=True, check=True
    )
    subprocess.run(["tar", "-x", "-C", str(target)], input=archive.stdout, check=True)
    marker.write_text(revision)
    return target


def git_directory(source: str, repository: str, work: Path) -> Path:
    """The git folder of `repository`: where `source` says, or a clone of it in `work`."""
    owner, name = repository.split("/")
    place = source.format(owner=owner, name=name)
    if Path(place).is_dir():
        return Path(place)
    clone = work / f"{name}.git"
    if not clone.is_dir():
        subprocess.run(["git", "clone", "--bare", place, str(clone)], check=True)
    return clone
