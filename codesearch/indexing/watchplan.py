"""Which folders to watch, so that ignored ones cost no watches, and whether that worked."""

from __future__ import annotations

import os
import re
import sys
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from codesearch.indexing.ignores import IgnoreRules, parent_of
from codesearch.indexing.scan import kept_folders

# Each entry of a plan costs a thread. Beyond this many, ignored folders are watched too, and
# their events dropped.
_MOST_ENTRIES = 128
_LIMIT = Path("/proc/sys/fs/inotify/max_user_watches")
_INODE = re.compile(r"^inotify .*?\bino:([0-9a-f]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class WatchPlan:
    """`entries`: folder ("" is the root) -> whether with all below it; `folders`: all kept."""

    entries: Mapping[str, bool] = field(default_factory=dict)
    folders: frozenset[str] = frozenset()


def make_plan(root: Path, rules: IgnoreRules) -> WatchPlan:
    """A watch with all below it where nothing big is ignored below, single folders elsewhere."""
    if not sys.platform.startswith("linux"):
        return WatchPlan({"": True}, frozenset({""}))  # the system watches whole trees there
    children: dict[str, list[str]] = {}
    mixed: set[str] = set()
    for folder, ignored in kept_folders(root, rules):
        children.setdefault(folder, [])
        if folder:
            children[parent_of(folder)].append(folder)
        if any(_has_folders(root / path) for path in ignored):
            mixed.update(_with_those_above(folder))
    return WatchPlan(_entries(children, mixed), frozenset(children))


def unwatched(root: Path, plan: WatchPlan) -> int:
    """How many folders of `plan` this process does not watch although it asked to.

    The system refuses watches beyond a limit, and watchdog says nothing about it. Always 0
    where that cannot be known.
    """
    inodes = _watched_inodes()
    if inodes is None:
        return 0
    missing = 0
    for folder in plan.folders:
        try:
            missing += (root / folder).stat().st_ino not in inodes
        except OSError:
            continue  # gone since; nobody misses it
    # Some file systems show other numbers to `stat` than to the kernel: then none is found.
    strange = missing == len(plan.folders) and len(inodes) >= len(plan.folders)
    return 0 if strange else missing


def watch_limit() -> int | None:
    """How many folders the user may watch on this system; None where there is no such limit."""
    try:
        return int(_LIMIT.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _entries(children: Mapping[str, list[str]], mixed: set[str]) -> dict[str, bool]:
    entries: dict[str, bool] = {}
    pending = deque([""])
    while pending:
        folder = pending.popleft()
        whole = folder not in mixed or len(entries) + len(pending) >= _MOST_ENTRIES
        entries[folder] = whole
        if not whole:
            pending.extend(children.get(folder, ()))
    return entries


def _with_those_above(folder: str) -> list[str]:
    above = [folder]
    while folder:
        folder = parent_of(folder)
        above.append(folder)
    return above


def _has_folders(folder: Path) -> bool:
    """Whether watching an ignored folder would cost more than one watch.

    Most have none (`__pycache__` beside every module): a plan around those would need an
    entry for each folder of the repository.
    """
    try:
        with os.scandir(folder) as entries:
            return any(entry.is_dir(follow_symlinks=False) for entry in entries)
    except OSError:
        return False


def _watched_inodes() -> set[int] | None:
    inodes: set[int] = set()
    try:
        for info in Path("/proc/self/fdinfo").iterdir():
            try:
                text = info.read_text(encoding="ascii")
            except OSError:
                continue  # closed since
            inodes.update(int(inode, 16) for inode in _INODE.findall(text))
    except OSError:
        return None
    return inodes
