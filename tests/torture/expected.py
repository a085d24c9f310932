"""What should be found in a repository, by the simplest means: walk, ask git, look for `def`.

It knows nothing of what was there before, and shares no code with the indexer.
"""

from __future__ import annotations

import os
import re
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

from codesearch.encoder import describe
from codesearch.settings import Settings
from codesearch.store import Index
from codesearch.types import Kind

Found = dict[str, tuple[str, ...]]  # path -> names of its functions, sorted

_WORD = re.compile(r"\w")
_DEFINED = re.compile(r"^def (\w+)", re.MULTILINE)
_GIT = ("git", "-c", "core.quotePath=false")


def assert_as_expected(root: Path, settings: Settings) -> None:
    """What is indexed is what should be; else the difference is told."""
    found, wanted = indexed(root, settings), expected(root)
    wrong = {path: (found.get(path), wanted.get(path)) for path in found.keys() | wanted.keys()}
    wrong = {path: both for path, both in wrong.items() if both[0] != both[1]}
    assert not wrong, f"path: (found, expected) {wrong}"


def expected(root: Path) -> Found:
    """The files that should be in the index, with what they define."""
    found = {}
    for path in sorted(_visible(root)):
        text = (root / path).read_text(encoding="utf-8")
        if _WORD.search(text):
            found[path] = tuple(sorted(_DEFINED.findall(text)))
    return found


def indexed(root: Path, settings: Settings) -> Found:
    """The files that are in the index, with what they define."""
    info = describe(settings.encoder)
    index = Index.open(root, fingerprint=info.fingerprint, dimension=info.dimension)
    try:
        return {
            path: tuple(sorted(u.name for u in index.units_at(path) if u.kind is not Kind.WINDOW))
            for path in index.paths()
        }
    finally:
        index.close()


def _visible(root: Path) -> Iterator[str]:
    """Regular files that neither git nor codesearch leaves out."""
    listed = subprocess.run([*_GIT, "ls-files", "-z"], cwd=root, check=True, capture_output=True)
    tracked = set(os.fsdecode(listed.stdout).split("\0"))
    for repository, paths in _by_repository(root).items():
        prefix = f"{repository}/" if repository else ""
        known = {path for path in paths if prefix + path in tracked}
        ignored = _ask(root / repository, paths, "check-ignore", "-z", "--stdin")
        for path in known.union(set(paths) - ignored):
            if not _left_out(root, prefix + path):
                yield prefix + path


def _by_repository(root: Path) -> dict[str, list[str]]:
    """Paths of regular files in each repository that is entered, relative to that."""
    found: dict[str, list[str]] = {"": []}
    pending = [("", "")]
    while pending:
        repository, folder = pending.pop()
        for entry in os.scandir(root / repository / folder):
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.name == ".git" or entry.is_symlink():
                continue
            if entry.is_dir() and not os.path.lexists(f"{entry.path}/.git"):
                pending.append((repository, path))
            elif entry.is_dir():
                if _is_own(Path(entry.path)) and not _ask(
                    root / repository, [path], "check-ignore", "-z", "--stdin"
                ):
                    inner = f"{repository}/{path}" if repository else path
                    found[inner] = []
                    pending.append((inner, ""))
            elif stat.S_ISREG(entry.stat().st_mode):
                found[repository].append(path)
    return found


def _is_own(folder: Path) -> bool:
    """A submodule or a clone, but no second work tree."""
    marker = folder / ".git"
    return marker.is_dir() or "/worktrees/" not in marker.read_text()


def _left_out(root: Path, path: str) -> bool:
    """Our own rules, as far as histories meet them."""
    *folders, name = path.split("/")
    if name.lower() == ".env":
        return True
    own = root / ".codesearchignore"
    patterns = own.read_text().split("\n") if own.is_file() and not own.is_symlink() else []
    if "pkg/inner/" in patterns and path.startswith("pkg/inner/"):
        return True
    if "/b.py" in patterns and path == "b.py":
        return True
    if "two words.py" in patterns and name == "two words.py":
        return True
    for depth, folder in enumerate(folders):
        above = root.joinpath(*folders[:depth])
        here = "/".join(folders[: depth + 1])
        if folder == "build" and (above / "setup.py").is_file() and not _tracks(root, here):
            return True
    return False


def _tracks(root: Path, folder: str) -> bool:
    """Whether any repository tracks a file in `folder`."""
    at = root / folder
    return bool(subprocess.run([*_GIT, "ls-files"], cwd=at, check=True, capture_output=True).stdout)


def _ask(at: Path, paths: list[str], *command: str) -> set[str]:
    if not paths:
        return set()
    done = subprocess.run(
        [*_GIT, *command], input="\0".join(paths).encode(), cwd=at, check=False, capture_output=True
    )
    assert done.returncode in (0, 1), done.stderr
    return {path for path in done.stdout.decode().split("\0") if path}
