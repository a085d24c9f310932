"""What the watcher notices, and what it leaves alone."""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from codesearch.indexing.scan import rules_of
from codesearch.indexing.watcher import Watcher
from codesearch.indexing.watchplan import make_plan, unwatched, watch_limit
from codesearch.settings import IndexingSettings

from .helpers import PATIENCE, commit_all, eventually, git, module, write

EVERYTHING = ("<everything>",)


class Seen:
    """What a watcher handed on, in order."""

    def __init__(self, root: Path, settings: IndexingSettings) -> None:
        self._queue: queue.Queue[tuple[str, ...]] = queue.Queue()
        self.pendings: list[set[str]] = []
        self.watcher = Watcher(
            root,
            settings,
            on_paths=self._queue.put,
            on_everything=lambda: self._queue.put(EVERYTHING),
            on_pending=lambda: self.pendings.append(self.watcher.pending),
        )

    def next(self) -> tuple[str, ...]:
        return self._queue.get(timeout=PATIENCE)

    def until(self, condition: Callable[[set[str]], bool]) -> set[str]:
        """All paths handed on until they satisfy `condition`."""
        paths: set[str] = set()
        while not condition(paths):
            paths.update(self.next())
        return paths

    @property
    def nothing_more(self) -> bool:
        return self._queue.empty()


@contextmanager
def watching(root: Path, **settings: object) -> Iterator[Seen]:
    seen = Seen(root, IndexingSettings(**{"debounce_ms": 30, **settings}))  # type: ignore[arg-type]
    assert seen.watcher.start(PATIENCE)
    try:
        yield seen
    finally:
        seen.watcher.stop()


def test_an_edit_is_pending_at_once_and_then_handed_on(root: Path) -> None:
    write(root, {"a.py": ""})
    with watching(root) as seen:
        write(root, {"a.py": "x"})
        assert seen.next() == ("a.py",)
        assert {"a.py"} in seen.pendings
        assert eventually(lambda: not seen.watcher.busy)


@pytest.mark.parametrize("style", ["rename", "vim", "delete"])
def test_the_ways_editors_save(root: Path, style: str) -> None:
    write(root, {"a.py": "old"})
    target = root / "a.py"
    with watching(root) as seen:
        if style == "rename":
            write(root, {".a.py.tmp": "new"})
            (root / ".a.py.tmp").rename(target)
        elif style == "vim":
            target.rename(root / "a.py~")
            target.write_text("new")
            (root / "a.py~").unlink()
        else:
            target.unlink()
        assert "a.py" in seen.until(lambda paths: "a.py" in paths)


def test_new_folders_are_looked_into_and_watched(root: Path) -> None:
    write(root, {"node_modules/x/y.js": ""})  # so that the root is not watched as a whole
    with watching(root) as seen:
        write(root, {"new/deep/a.py": ""})
        assert "new" in seen.until(lambda paths: "new" in paths)
        assert eventually(lambda: not seen.watcher.busy)
        write(root, {"new/deep/b.py": ""})
        seen.until(lambda paths: "new/deep/b.py" in paths)


def test_a_folder_that_comes_back_is_watched_again(root: Path) -> None:
    write(root, {"node_modules/x/y.js": "", "src/a.py": ""})
    with watching(root) as seen:
        (root / "src").rename(root / "moved")
        seen.until(lambda paths: {"src", "moved"} <= paths)
        write(root, {"src/b.py": ""})
        seen.until(lambda paths: bool({"src", "src/b.py"} & paths))
        assert eventually(lambda: not seen.watcher.busy)
        write(root, {"src/c.py": "", "moved/d.py": ""})
        seen.until(lambda paths: {"src/c.py", "moved/d.py"} <= paths)


def test_ignored_files_and_folders_make_no_noise(root: Path) -> None:
    write(root, {".gitignore": "*.log\nout/\n", "out/x/y": "", "node_modules/a/b.js": ""})
    write(root, {"pkg/__pycache__/a.pyc": "", "pkg/a.py": ""})
    with watching(root) as seen:
        write(root, {"a.log": "x", "out/x/z": "", "node_modules/a/c.js": "", "out/new/q": ""})
        write(root, {"pkg/__pycache__/b.pyc": "x"})
        write(root, {"pkg/b.py": "x"})
        assert seen.next() == ("pkg/b.py",)
        (root / "pkg" / "b.py").read_text()  # reading is no change
        assert seen.nothing_more


def test_other_rules_mean_everything(root: Path) -> None:
    write(root, {"a.py": "", "b.py": ""})
    with watching(root) as seen:
        write(root, {".codesearchignore": "b.py\n"})
        assert seen.next() == EVERYTHING
        assert eventually(lambda: not seen.watcher.busy)
        write(root, {"b.py": "x"})
        write(root, {"a.py": "x"})
        assert seen.next() == ("a.py",)


def test_a_file_that_leaves_folders_out_means_everything(root: Path) -> None:
    write(root, {"build/a.py": ""})
    with watching(root) as seen:
        write(root, {"setup.py": ""})
        assert seen.next() == EVERYTHING
        assert eventually(lambda: not seen.watcher.busy)
        write(root, {"setup.py": "x"})  # that it is there is all that matters
        assert seen.next() == ("setup.py",)
        (root / "setup.py").unlink()
        assert seen.next() == EVERYTHING


def test_git_that_comes_later_is_watched(root: Path) -> None:
    write(root, {"pkg/a.py": ""})
    with watching(root) as seen:
        git(root, "init", "-q")
        assert seen.next() == EVERYTHING
        assert eventually(lambda: not seen.watcher.busy)
        while not seen.nothing_more:
            seen.next()
        (root / ".git" / "info" / "exclude").write_text("pkg/\n")
        assert seen.next() == EVERYTHING
        git(root, "add", "-f", "pkg/a.py")
        assert seen.until(lambda paths: paths == set(EVERYTHING))
        git(root / "pkg", "init", "-q")
        assert seen.next() == EVERYTHING


def test_a_burst_is_one_look_at_everything(root: Path) -> None:
    with watching(root, debounce_ms=200) as seen:
        write(root, {f"f{n}.py": "x" for n in range(400)})
        assert seen.next() == EVERYTHING
        assert eventually(lambda: not seen.watcher.busy)
        assert seen.nothing_more


def test_a_checkout_and_a_commit_mean_everything(root: Path) -> None:
    write(root, {"a.py": module("main")})
    commit_all(root)
    git(root, "checkout", "-q", "-b", "other")
    with watching(root) as seen:
        git(root, "checkout", "-q", "main")
        assert seen.next() == EVERYTHING


def test_a_stream_of_changes_is_handed_on_before_it_ends(root: Path) -> None:
    with watching(root, debounce_ms=50) as seen:

        def write_more() -> bool:
            write(root, {"a.py": "x"})
            return not seen.nothing_more

        assert eventually(write_more)


def test_ignored_folders_cost_no_watch(root: Path) -> None:
    write(root, {f"node_modules/p{n}/lib/index.js": "" for n in range(50)})
    write(root, {"src/a.py": "", "src/vendor/x.py": "", "web/app/b.js": ""})
    write(root, {"web/node_modules/p/q.js": "", "web/package.json": "", "lib/__pycache__/x": ""})
    plan = make_plan(root, rules_of(root, IndexingSettings()))
    assert plan.entries == {"": False, "src": True, "web": False, "web/app": True, "lib": True}
    assert plan.folders == {"", "src", "src/vendor", "web", "web/app", "lib"}


def test_a_plan_is_bounded(root: Path) -> None:
    write(root, {f"packages/p{n}/node_modules/q/r.js": "" for n in range(200)})
    plan = make_plan(root, rules_of(root, IndexingSettings()))
    assert len(plan.entries) < 400
    assert all(plan.entries[folder] for folder in list(plan.entries)[-50:])


def test_folders_that_are_not_watched_are_counted(root: Path) -> None:
    write(root, {"a/b/c.py": "", "d/e.py": ""})
    plan = make_plan(root, rules_of(root, IndexingSettings()))
    with watching(root) as seen:
        assert unwatched(root, plan) == 0
        assert seen.watcher.warning is None
    assert watch_limit() is None or watch_limit() > 0


def test_a_refused_watch_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from watchdog.observers.inotify_c import InotifyFD

    write(root, {"a/b.py": "", "c/d.py": ""})
    add = InotifyFD.add_callback

    def refuse(self: InotifyFD, path: bytes, *rest: object) -> object:
        if path.endswith(b"/c"):
            raise OSError(28, "inotify watch limit reached")
        return add(self, path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(InotifyFD, "add_callback", refuse)
    with watching(root) as seen:
        assert "1 folders cannot be watched" in (seen.watcher.warning or "")


def test_a_root_that_goes_and_comes_back(root: Path) -> None:
    write(root, {"a.py": ""})
    with watching(root) as seen:
        (root / "a.py").unlink()
        root.rmdir()
        while seen.next() != EVERYTHING:
            pass
        assert eventually(lambda: "is gone" in (seen.watcher.warning or ""))
        write(root, {"a.py": ""})
        seen.watcher.look_again()
        while seen.next() != EVERYTHING:
            pass
        assert eventually(lambda: seen.watcher.warning is None)
        write(root, {"a.py": "x"})
        seen.until(lambda paths: "a.py" in paths)


def test_lost_events_mean_everything(root: Path) -> None:
    with watching(root) as seen:
        log = logging.getLogger("watchdog.observers.inotify_c")
        log.warning("Inotify queue overflowed; filesystem events were lost")
        assert seen.next() == EVERYTHING
