"""Which root a command means, and its settings."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import click

from codesearch.errors import UsageError
from codesearch.paths import check_root, index_home
from codesearch.settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class Scope:
    """A root, and the globs that narrow it when a folder or file inside it was named."""

    root: Path
    paths: tuple[str, ...] = ()


def exact_root(path: str) -> Path:
    """`path` as a root of its own.

    Raises:
        UsageError: it is not a folder, or one that nobody means to search.
    """
    root = Path(path).resolve()
    if not root.is_dir():
        raise UsageError(f"{path} is not a folder", "Name the folder of a repository.")
    check_root(root)
    return root


def scope_of(path: str | None) -> Scope:
    """The root to search: `path` itself, or the indexed folder around it narrowed to it.

    Of a file, the root that it belongs to, narrowed to it. Without `path`, the nearest indexed
    folder around the current one, else the top of the git work tree, else the current folder.
    """
    if path and Path(path).is_file():
        file = Path(path).resolve()
        root = root_of_file(file)
        return Scope(root, (_glob_of(file.relative_to(root)),))
    folder = exact_root(path or ".")
    indexed = _indexed_around(folder)
    if indexed is None:
        return Scope(folder if path else _work_tree(folder))
    narrowed = path is not None and folder != indexed
    return Scope(indexed, (_glob_of(folder.relative_to(indexed)),) if narrowed else ())


def _glob_of(path: Path) -> str:
    """The pattern of this very path and what is below it, seen from the root."""
    return "/" + re.sub(r"[*?\[\]{},\\]", r"\\\g<0>", path.as_posix())


def root_of_file(file: Path) -> Path:
    """The root that a file belongs to: the indexed folder around it, else its work tree."""
    return _indexed_around(file.parent) or _work_tree(file.parent)


def has_index(home: Path) -> bool:
    """Whether an index was made in the folder `home`, be it complete or not."""
    return (home / "meta.json").is_file()


def _indexed_around(folder: Path) -> Path | None:
    """The nearest folder with an index; a folder for one that was never made does not count."""
    return next((one for one in (folder, *folder.parents) if has_index(index_home(one))), None)


def settings_for(root: Path | None) -> Settings:
    """The settings of `root`, with a line on stderr for every value passed over."""
    settings, problems = load_settings(root)
    for problem in problems:
        click.secho(f"codesearch: {problem}", fg="yellow", err=True)
    return settings


def _work_tree(folder: Path) -> Path:
    try:
        answer = subprocess.run(
            ["git", "-C", str(folder), "rev-parse", "--show-toplevel"],
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return folder
    return Path(answer.stdout.strip() or folder)
