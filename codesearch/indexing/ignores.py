"""Which paths of a root belong to its index.

Two opinions are kept apart. Git's (`.gitignore`, `.git/info/exclude`) speaks of what is not
tracked. Ours is the defaults, then `.codesearchignore` files, then the user's setting, the
last that says anything winning. A path is left out when either leaves it out.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

from codesearch.indexing.defaults import OUTPUT_BESIDE, VENDOR_BESIDE, is_tool_folder
from codesearch.paths import read_regular_file

log = logging.getLogger(__name__)

OWN_IGNORE_FILE = ".codesearchignore"
GIT_IGNORE_FILE = ".gitignore"
IGNORE_FILES = frozenset({OWN_IGNORE_FILE, GIT_IGNORE_FILE})
# What they hold is of no matter: a folder beside them may be left out because they are there.
RULING_FILES = frozenset(
    name for beside in (*VENDOR_BESIDE.values(), *OUTPUT_BESIDE.values()) for name in beside
)
_MAX_BYTES = 1_000_000
# Patterns become expressions that try all ways to share a name among their stars: so many
# more are dropped, as a repository could stop us with them.
_MAX_LINE = 1_000
_MAX_STARS_A_NAME = 3
_MAX_STARS = 4
_MAX_DEEP_STARS = 2  # but for one at the end, which takes whatever is left


def parent_of(path: str) -> str:
    """The folder of a relative path; "" is the root."""
    return path.rpartition("/")[0]


def output_folders(path: str) -> list[str]:
    """The folders on the way to `path`, itself included, that may be a build's output."""
    parts = path.split("/")
    return ["/".join(parts[: at + 1]) for at, name in enumerate(parts) if name in OUTPUT_BESIDE]


class IgnoreRules:
    """The rules of one root as they stood when first asked; make a new one when they change.

    With `gitignore` False only our own rules are applied, for lists that come from git.
    `tracked` are the files that git tracks: git's rules do not touch them.
    """

    def __init__(
        self,
        root: Path,
        extra: Iterable[str] = (),
        *,
        gitignore: bool = True,
        tracked: Iterable[str] = (),
    ) -> None:
        self._root = root
        self._extra = _Rules(extra)
        self._own = _NestedIgnoreFiles(root, OWN_IGNORE_FILE)
        self._git = _NestedIgnoreFiles(root, GIT_IGNORE_FILE, _outer(root)) if gitignore else None
        self._tracked = frozenset(tracked)  # asked for every file: a list would be quadratic
        self._tracked_folders = folders_of(self._tracked)
        self._folders: dict[str, bool] = {"": False}
        self._git_folders: dict[str, bool] = {"": False}

    def ignores_folder(self, folder: str) -> bool:
        """Whether nothing under `folder` (relative, no slash at the end) is indexed."""
        known = self._folders.get(folder)
        if known is None:
            known = self.ignores_folder(parent_of(folder)) or self._ignores_one_folder(folder)
            self._folders[folder] = known
        return known

    def ignores_file(self, path: str) -> bool:
        """Whether the file at `path` is left out."""
        if self.ignores_folder(parent_of(path)):
            return True
        if path not in self._tracked and self._git_ignores(path, is_folder=False):
            return True
        return bool(self._own_verdict(path, is_folder=False))

    def _ignores_one_folder(self, folder: str) -> bool:
        if folder not in self._tracked_folders and self._git_ignores(folder, is_folder=True):
            return True
        verdict = self._own_verdict(folder, is_folder=True)
        return self._ignored_by_default(folder) if verdict is None else verdict

    def _own_verdict(self, path: str, *, is_folder: bool) -> bool | None:
        verdict = self._extra.verdict(path + "/" if is_folder else path)
        return self._own.verdict(path, is_folder=is_folder) if verdict is None else verdict

    def _git_ignores(self, path: str, *, is_folder: bool) -> bool:
        if self._git is None:
            return False
        known = self._git_folders.get(path) if is_folder else None
        if known is None:
            above = self._git_ignores(parent_of(path), is_folder=True)
            known = above or bool(self._git.verdict(path, is_folder=is_folder))
            if is_folder:
                self._git_folders[path] = known
        return known

    def _ignored_by_default(self, folder: str) -> bool:
        name = folder.rpartition("/")[2]
        if is_tool_folder(name) or self._stands_beside(folder, VENDOR_BESIDE.get(name, ())):
            return True
        beside = OUTPUT_BESIDE.get(name, ())
        return folder not in self._tracked_folders and self._stands_beside(folder, beside)

    def _stands_beside(self, folder: str, names: Iterable[str]) -> bool:
        above = parent_of(folder)
        return any((self._root / above / name).is_file() for name in names)


class _NestedIgnoreFiles:
    """All ignore files of one name, read when first needed; the deepest that speaks wins."""

    def __init__(self, root: Path, name: str, outer: Iterable[tuple[str, list[str]]] = ()) -> None:
        self._root = root
        self._name = name
        # (what to put before a path, characters of it to drop, rules), outermost first
        self._levels: dict[str, tuple[tuple[str, int, _Rules], ...]] = {}
        self._outer = tuple((prefix, 0, _Rules(lines)) for prefix, lines in outer if lines)

    def verdict(self, path: str, *, is_folder: bool) -> bool | None:
        """True: ignored; False: kept by a `!` pattern; None: nothing said."""
        asked = path + "/" if is_folder else path
        for prefix, drop, rules in reversed(self._levels_of(parent_of(path))):
            verdict = rules.verdict(prefix + asked[drop:])
            if verdict is not None:
                return verdict
        return None

    def _levels_of(self, folder: str) -> tuple[tuple[str, int, _Rules], ...]:
        known = self._levels.get(folder)
        if known is None:
            above = self._levels_of(parent_of(folder)) if folder else self._outer
            lines = _lines(f"{self._root}/{folder}/{self._name}")
            drop = len(folder) + 1 if folder else 0
            known = (*above, ("", drop, _Rules(lines))) if lines else above
            self._levels[folder] = known
        return known


class _Rules:
    """The rules of one list of lines; those that are no patterns say nothing, as in git.

    They speak of a path itself, since the folders above it were asked before. pathspec finds in
    `!/src/` a word about all that lies in `src`, which would outdo our defaults there.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        found = [_Rule.of(line) for line in lines if _is_affordable(line)]
        self._last_first = [rule for rule in reversed(found) if rule is not None]

    def verdict(self, path: str) -> bool | None:
        """As `_NestedIgnoreFiles.verdict`; the path of a folder ends in a slash."""
        return next((rule.ignores for rule in self._last_first if rule.is_for(path)), None)


@dataclass(frozen=True, slots=True)
class _Rule:
    """One line, and how it is meant: for folders alone, for what lies deep in one, for a name."""

    ignores: bool
    matches: Callable[[str], object | None]
    of_folders: bool
    is_deep: bool
    is_name: bool

    @classmethod
    def of(cls, line: str) -> _Rule | None:
        pattern = next(iter(_spec([line]).patterns), None)
        if pattern is None or pattern.include is None:
            return None
        text = line.strip().removeprefix("!")
        inner = text.removeprefix("**/").rstrip("/")
        return cls(
            pattern.include,
            pattern.match_file,
            of_folders=text.endswith("/"),
            is_deep=inner.endswith("**"),
            is_name="/" not in inner,
        )

    def is_for(self, path: str) -> bool:
        """Whether it matches `path`, and not only a folder above it."""
        if self.matches(path) is None or (self.of_folders and not path.endswith("/")):
            return False
        if self.is_deep:  # not the folder itself that they lie in
            return self.matches(path.removesuffix("/")) is not None
        above = parent_of(path.removesuffix("/"))
        if not above or self.matches(f"{above}/") is None:
            return True
        return self.is_name and self.matches(path[len(above) + 1 :]) is not None


def _spec(lines: Iterable[str]) -> GitIgnoreSpec:
    try:
        return GitIgnoreSpec.from_lines(lines)
    except (ValueError, re.error):
        return GitIgnoreSpec.from_lines(())


def _is_affordable(line: str) -> bool:
    if line.startswith("#"):
        return True
    names = line.split("/") if len(line) <= _MAX_LINE else []
    stars = [name.count("*") for name in names if name not in ("*", "**")]
    fits = sum(stars) <= _MAX_STARS and max(stars, default=0) <= _MAX_STARS_A_NAME
    if names and fits and names[:-1].count("**") <= _MAX_DEEP_STARS:
        return True
    log.warning("pattern not used, it would take too long: %.80s", line)
    return False


def _lines(path: str | Path) -> list[str]:
    try:
        source = read_regular_file(path, _MAX_BYTES)
        return source.decode("utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _outer(root: Path) -> list[tuple[str, list[str]]]:
    """Ignore files above `root` in its work tree, with the path from them to `root`.

    None if they ignore `root` itself: it was opened all the same.
    """
    top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), None)
    if top is None:
        return []
    found = [(_prefix(top, root), _lines(top / ".git" / "info" / "exclude"))]
    between = [folder for folder in reversed(root.parents) if folder.is_relative_to(top)]
    found += [(_prefix(folder, root), _lines(folder / GIT_IGNORE_FILE)) for folder in between]
    ignored = any(
        _Rules(lines).verdict(f"{folder}/")
        for prefix, lines in found
        for folder in folders_of([prefix])
    )
    return [] if ignored else found


def _prefix(above: Path, root: Path) -> str:
    return "" if above == root else root.relative_to(above).as_posix() + "/"


def folders_of(paths: Iterable[str]) -> frozenset[str]:
    """Every folder on the way to `paths`, without the root."""
    folders: set[str] = set()
    for path in paths:
        folder = parent_of(path)
        while folder and folder not in folders:
            folders.add(folder)
            folder = parent_of(folder)
    return frozenset(folders)
