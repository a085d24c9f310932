"""Which files a root has, what they look like from outside, and which are passed over.

Nothing is opened here: a file's type and times come from `lstat`, so a FIFO or a device in
the repository cannot make a scan wait. Paths are joined as texts: a `Path` costs more than to ask
the system what is there.
"""

from __future__ import annotations

import logging
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from codesearch.errors import UsageError
from codesearch.indexing.defaults import is_secret
from codesearch.indexing.git import (
    GitUnavailableError,
    require_work_tree,
    tracked_files,
    untracked_files,
)
from codesearch.indexing.ignores import IgnoreRules, folders_of, output_folders, parent_of
from codesearch.paths import read_regular_file
from codesearch.settings import IndexingSettings
from codesearch.types import SkipReason

log = logging.getLogger(__name__)

_MARKER_BYTES = 10_000
# What the `.git` of another work tree of a repository says, but not that of a submodule in one.
_OTHER_WORK_TREE = re.compile(rb"/worktrees/[^/]+/?\s*\Z")


@dataclass(frozen=True, slots=True)
class FileStat:
    """A file from outside: `size` in bytes, times in nanoseconds since the epoch."""

    size: int
    mtime_ns: int
    ctime_ns: int = 0  # of the last change to content, name or mode: nobody can set it


@dataclass(slots=True)
class ScanResult:
    """Every path under the root is in `files`, in `skipped` with a reason, or ignored."""

    files: dict[str, FileStat] = field(default_factory=dict)
    skipped: dict[str, SkipReason] = field(default_factory=dict)
    used_git: bool = False


@dataclass(slots=True)
class _Listing:
    root: Path
    found: dict[str, os.stat_result] = field(default_factory=dict)
    tracked: list[str] = field(default_factory=list)
    _real: dict[str, bool] = field(default_factory=lambda: {"": True})

    def is_real(self, folder: str) -> bool:
        """Whether no link is on the way: git lists what it tracks, whatever stands there now."""
        known = self._real.get(folder)
        if known is None:
            facts = _facts(self.root, folder)
            is_link = facts is not None and stat.S_ISLNK(facts.st_mode)
            known = not is_link and self.is_real(parent_of(folder))
            self._real[folder] = known
        return known

    def has_repository(self, folder: str) -> bool:
        """Whether another repository stands in `folder`, which is not reached by a link."""
        if _facts(self.root, f"{folder}/.git") is None or not self.is_real(folder):
            return False
        return _is_own_repository(self.root / folder)


def scan(root: Path, settings: IndexingSettings, only: Sequence[str] | None = None) -> ScanResult:
    """Look at `root`, or only at the files and folders `only` (relative paths) in it.

    Raises:
        UsageError: the root is gone; its index must not be emptied for that.
    """
    root = Path(os.path.realpath(root))
    if not root.is_dir():
        raise UsageError(f"{root} is not a folder", "It may have been moved or unmounted.")
    wanted = None if only is None else [path for path in only if _is_inside(root, path)]
    if wanted is not None and not wanted:
        return ScanResult()
    try:
        listing = _listed_by_git(root, wanted)
    except GitUnavailableError as error:
        log.info("walking %s: %s", root, error)
        rules = IgnoreRules(root, settings.ignore)
        return _examined(root, _walked(root, rules, wanted), settings)
    rules = IgnoreRules(root, settings.ignore, gitignore=False, tracked=listing.tracked)
    kept = (item for item in listing.found.items() if not rules.ignores_file(item[0]))
    result = _examined(root, kept, settings)
    result.used_git = True
    return result


def rules_of(root: Path, settings: IndexingSettings) -> IgnoreRules:
    """Rules that decide about a single path nearly as `scan` would, without asking git again.

    They differ only where a file outside the root says so (`core.excludesFile`): they then
    keep what git ignores, and the scan that follows drops it.
    """
    root = Path(os.path.realpath(root))
    try:
        require_work_tree(root)
        return IgnoreRules(root, settings.ignore, tracked=_all_tracked(root))
    except GitUnavailableError:
        return IgnoreRules(root, settings.ignore)


def kept_folders(root: Path, rules: IgnoreRules) -> Iterator[tuple[str, list[str]]]:
    """Folders that may hold indexed files ("" first), each with its ignored sub-folders."""
    pending = [""]
    while pending:
        folder = pending.pop()
        ignored: list[str] = []
        for entry in _entries(root, folder):
            if entry.is_dir(follow_symlinks=False):
                path = _join(folder, entry.name)
                (ignored if rules.ignores_folder(path) else pending).append(path)
        yield folder, ignored


def _is_inside(root: Path, path: str) -> bool:
    """Whether `path` is a plain relative path that reaches its place without a link."""
    parts = path.split("/")
    if not path or path.startswith("/") or any(part in ("", ".", "..") for part in parts):
        return False
    return not any((root / "/".join(parts[:end])).is_symlink() for end in range(1, len(parts)))


def _listed_by_git(root: Path, only: Sequence[str] | None) -> _Listing:
    require_work_tree(root)
    listing = _Listing(root)
    if only is None:
        _list_repository(root, "", (), listing)
        return listing
    by_repository: dict[str, list[str]] = {}
    for path in only:
        for prefix in _repositories_of(root, path):
            by_repository.setdefault(prefix, []).append(path)
    for prefix, paths in by_repository.items():
        inner = [path[len(prefix) :].rstrip("/") or "." for path in paths]
        _list_repository(root, prefix, inner, listing)
        outputs = sorted({above for path in inner for above in output_folders(path)})
        if outputs:
            # Whether these are left out depends on what else is tracked in them.
            listing.tracked += [prefix + path for path in tracked_files(root / prefix, outputs)]
    return listing


def _repositories_of(root: Path, path: str) -> list[str]:
    """The prefixes ("" or "sub/module/") of the repositories inside `root` that hold `path`.

    None if it lies in one that a scan of everything would not enter; several if one tracks files
    in the folder of another.
    """
    parts = path.split("/") if (root / path).is_dir() else path.split("/")[:-1]
    prefix = ""
    also: list[str] = []
    for end in range(1, len(parts) + 1):
        folder = "/".join(parts[:end])
        if not (root / folder / ".git").exists():
            continue
        inner = folder[len(prefix) :]
        here = root / prefix
        listed = {*tracked_files(here, [inner]), *untracked_files(here, [inner])}
        if inner in listed or inner + "/" in listed:
            if not _is_own_repository(root / folder):
                return []
            prefix, also = folder + "/", []
        elif not listed:  # ignored around it
            return []
        elif _is_own_repository(root / folder):
            also.append(folder + "/")
    return [prefix, *also]


def _list_repository(root: Path, prefix: str, only: Sequence[str], listing: _Listing) -> None:
    """Add the files of one repository and of the repositories inside it."""
    here = root / prefix
    tracked = tracked_files(here, only)
    for path in (*tracked, *untracked_files(here, only)):
        full = prefix + path.rstrip("/")
        facts = _facts(root, full)
        if facts is None or not listing.is_real(parent_of(full)):
            continue  # deleted since it was listed, or tracked but not checked out
        if not stat.S_ISDIR(facts.st_mode):
            listing.found[full] = facts
        elif _is_own_repository(root / full):
            _list_repository(root, full + "/", (), listing)
    for folder in sorted(folders_of(tracked)):
        # Git sees nothing but its own files in the folder of a repository that came later.
        if _is_among(folder, only) and listing.has_repository(prefix + folder):
            _list_repository(root, f"{prefix}{folder}/", (), listing)
    listing.tracked.extend(prefix + path for path in tracked)


def _is_among(folder: str, only: Sequence[str]) -> bool:
    """Whether `folder` is, or lies in, one of `only`; always if that is empty."""
    return not only or any(f"{folder}/".startswith(f"{path}/") for path in only)


def _is_own_repository(folder: Path) -> bool:
    """A submodule or a clone; not another work tree of a repository, which would be a copy."""
    marker = folder / ".git"
    try:
        return marker.is_dir() or not _OTHER_WORK_TREE.search(
            read_regular_file(marker, _MARKER_BYTES)
        )
    except OSError:
        return False


def _all_tracked(root: Path) -> list[str]:
    listing = _Listing(root)
    _list_repository(root, "", (), listing)
    return listing.tracked


def _walked(
    root: Path, rules: IgnoreRules, only: Sequence[str] | None
) -> Iterator[tuple[str, os.stat_result]]:
    """Files that `rules` keep, in no order, by walking into kept folders only."""
    pending = [""] if only is None else list(only)
    while pending:
        path = pending.pop()
        facts = _facts(root, path)
        if facts is None:
            continue
        if not stat.S_ISDIR(facts.st_mode):
            if not rules.ignores_file(path):
                yield path, facts
        elif not rules.ignores_folder(path):
            pending += [_join(path, entry.name) for entry in _entries(root, path)]


def _entries(root: Path, folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(f"{root}/{folder}") as entries:
            return list(entries)
    except OSError as error:
        log.info("folder not read: %s", error)
        return []


def _facts(root: Path, path: str) -> os.stat_result | None:
    try:
        return os.lstat(f"{root}/{path}")
    except OSError:
        return None


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _examined(
    root: Path, found: Iterable[tuple[str, os.stat_result]], settings: IndexingSettings
) -> ScanResult:
    result = ScanResult()
    for path, facts in found:
        reason = _reason(str(root), path, facts.st_mode, settings)
        if reason is None:
            result.files[path] = FileStat(facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)
        else:
            result.skipped[_printable(path)] = reason
    return result


def _reason(base: str, path: str, mode: int, settings: IndexingSettings) -> SkipReason | None:
    if not path.isprintable() and path != _printable(path):
        return SkipReason.UNREADABLE  # a name that is not UTF-8 fits no protocol or table
    if stat.S_ISLNK(mode):
        target = os.path.realpath(f"{base}/{path}")
        inside = os.path.commonpath([base, target]) == base
        return SkipReason.NOT_A_FILE if inside else SkipReason.OUTSIDE
    if not stat.S_ISREG(mode):
        return SkipReason.NOT_A_FILE
    if not settings.include_secrets and is_secret(path):
        return SkipReason.SECRET
    return None


def _printable(path: str) -> str:
    return os.fsencode(path).decode("utf-8", errors="replace")
