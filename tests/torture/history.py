"""A repository and the random things that happen to it: what a developer, git and tools do.

A history is a list of steps, `(name, a, b)`. What a step does depends on nothing but its numbers
and the state of the repository, so a history can be cut short and still means something; a step
that makes no sense in a state does nothing.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

Step = tuple[str, int, int]

FOLDERS = ("", "pkg/", "pkg/inner/", "build/", "Docs/")
NAMES = ("a.py", "b.py", "keep.gen.py", "naïve.py", "two words.py", ".env")
PATHS = (*(folder + name for folder in FOLDERS for name in NAMES), "setup.py")
GIT_PATTERNS = ("*.gen.py", "build/", "/a.py", "pkg/*", "!pkg/b.py", "inner", "Docs/[ab].py", "*")
OWN_PATTERNS = ("pkg/inner/", "/b.py", "two words.py")
BRANCHES = ("main", "topic", "other")
LONG_AGO = 1_600_000_000
_TIMEOUT = 120

# Nothing of the developer's own configuration, and no guesses about what was renamed.
_GIT = (
    *("git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgSign=false"),
    *("-c", "merge.renames=false", "-c", "merge.directoryRenames=false", "-c", "gc.auto=0"),
    *("-c", "protocol.file.allow=always", "-c", "advice.detachedHead=false"),
    *("-c", "core.fsync=none", "-c", "init.defaultBranch=main"),
)


def source(version: int) -> str:
    """A Python file with one to four functions; odd versions are as long as the next."""
    parts = [
        f'def f{version:02}_{n}(value):\n    """Return number {n} of {version:02}."""\n'
        f"    return value * {n}\n"
        for n in range(1 + version % 8 // 2)
    ]
    return "\n\n".join(parts)


def functions_of(version: int) -> set[str]:
    """The names that `source(version)` defines."""
    return {f"f{version:02}_{n}" for n in range(1 + version % 8 // 2)}


class Repository:
    """`root` is a git work tree; what links lead to, and a submodule's origin, lie beside it."""

    def __init__(self, base: Path) -> None:
        self.root = base / "root"
        self._outside = base / "outside"
        self._library = base / "library"
        for folder in (self.root, self._outside, self._library):
            folder.mkdir(parents=True)
        (self._outside / "a.py").write_text("def outside_of_the_root(value):\n    return 1\n")
        self.git("init", "-q")
        self.write(0, 1)
        self.write(8, 2)
        self.commit(0, 0)

    def do(self, step: Step) -> None:
        """Take one step."""
        name, a, b = step
        with contextlib.suppress(OSError):  # a link to itself, a name that is taken
            STEPS[name](self, a, b)

    def git(self, *arguments: str, at: Path | None = None) -> str:
        """Run git as a user would. What it refuses to do is not done: that is a history too."""
        done = subprocess.run(
            [*_GIT, *arguments],
            cwd=at or self.root,
            check=False,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            env={**os.environ, "GIT_EDITOR": "true", "GIT_CONFIG_GLOBAL": os.devnull},
        )
        return done.stdout

    def write(self, a: int, b: int) -> None:
        """Make or change a file in place."""
        self._put(PATHS[a % len(PATHS)], source(b % 100))

    def replace(self, a: int, b: int) -> None:
        """Save as editors do: beside it, then over it."""
        path = PATHS[a % len(PATHS)]
        if self._room_for(path):
            temporary = self.root / f"{path}.tmp"
            temporary.write_text(source(b % 100))
            temporary.replace(self.root / path)

    def empty(self, a: int, b: int) -> None:
        """Make or leave an empty file, or one with a comment only."""
        self._put(PATHS[a % len(PATHS)], "# nothing yet\n" if b % 2 else "")

    def old(self, a: int, b: int) -> None:
        """Put a file there whose time is long ago, as archives and reproducible builds do."""
        path = PATHS[a % len(PATHS)]
        if self._room_for(path):
            temporary = self.root / f"{path}.tmp"
            temporary.write_text(source(b % 100))
            os.utime(temporary, (LONG_AGO, LONG_AGO))
            temporary.replace(self.root / path)

    def date(self, a: int, b: int) -> None:
        """Set a file's time to long ago, or to next year."""
        path = self._file(a)
        if path is not None:
            when = LONG_AGO if b % 2 else LONG_AGO * 2
            os.utime(self.root / path, (when, when), follow_symlinks=False)

    def delete(self, a: int, b: int) -> None:
        """Delete a file, or with odd `b` the folder that it lies in."""
        path = self._file(a)
        if path is None:
            return
        folder = (self.root / path).parent
        if b % 2 and folder != self.root:
            shutil.rmtree(folder)
        else:
            (self.root / path).unlink()

    def rename(self, a: int, b: int) -> None:
        """Rename a file, over another one perhaps."""
        path, target = self._file(a), PATHS[b % len(PATHS)]
        if path is not None and self._room_for(target):
            (self.root / path).replace(self.root / target)

    def move_folder(self, a: int, b: int) -> None:
        """Move a folder to a name that is free, inside another one perhaps."""
        folders = self._folders()
        names = ("moved", "pkg", "pkg/inner", "build", "Docs/deep", "docs")
        target = self.root / names[b % len(names)]
        if folders and not os.path.lexists(target) and not target.parent.is_symlink():
            folder = self.root / folders[a % len(folders)]
            if not target.is_relative_to(folder):
                target.parent.mkdir(parents=True, exist_ok=True)
                folder.rename(target)

    def away_and_back(self, a: int, b: int) -> None:
        """Move a folder out of the root, or one that was moved out back in."""
        away = self._outside / "away"
        folders = self._folders()
        if away.is_dir():
            target = self.root / ("back", "pkg")[b % 2]
            if not os.path.lexists(target):
                away.rename(target)
        elif folders:
            (self.root / folders[a % len(folders)]).rename(away)

    def case(self, a: int, b: int) -> None:
        """Change nothing but the case of a name."""
        path = self._file(a)
        if path is not None:
            file = self.root / path
            file.replace(file.with_name(file.name.swapcase().replace(".PY", ".py")))

    def chmod(self, a: int, b: int) -> None:
        """Make a file executable, or not."""
        path = self._file(a)
        if path is not None:
            (self.root / path).chmod(0o755 if b % 2 else 0o644)

    def link(self, a: int, b: int) -> None:
        """Put a link in the place of a file or a folder: into the root, out of it, to itself."""
        place = self.root / ("pkg", "pkg/inner", "a.py", "pkg/b.py", "linked.py", "linked")[a % 6]
        targets = (self._outside, self._outside / "a.py", self.root / "Docs", self.root / "b.py")
        if place.parent.is_symlink() or not place.parent.is_dir():
            return
        if place.is_dir() and not place.is_symlink():
            if place.parent / "renamed" == place or os.path.lexists(place.parent / "renamed"):
                return
            place.rename(place.parent / "renamed")
        place.unlink(missing_ok=True)
        place.symlink_to((*targets, place.name, "renamed")[b % 6])

    def hard_link(self, a: int, b: int) -> None:
        """Give a file a second name."""
        path, target = self._file(a), PATHS[b % len(PATHS)]
        if path is not None and self._room_for(target) and not (self.root / target).exists():
            (self.root / target).hardlink_to(self.root / path)

    def ignore(self, a: int, b: int) -> None:
        """Change a `.gitignore`; the bits of `a` choose its patterns."""
        lines = [line for n, line in enumerate(GIT_PATTERNS) if a >> n & 1]
        self._put(("", "", "pkg/")[b % 3] + ".gitignore", "\n".join(lines) + "\n")

    def exclude(self, a: int, b: int) -> None:
        """Change `.git/info/exclude`, or our own ignore file."""
        patterns = GIT_PATTERNS if b % 2 else OWN_PATTERNS
        lines = [line for n, line in enumerate(patterns) if a >> n & 1]
        if not b % 2:
            self._put(".codesearchignore", "\n".join(lines) + "\n")
        elif (self.root / ".git" / "info").is_dir():
            (self.root / ".git/info/exclude").write_text("\n".join(lines) + "\n")

    def commit(self, a: int, b: int) -> None:
        """Commit everything, or with odd `b` what was committed before."""
        if not b % 2:
            self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", str(a), *(["-a"] if b % 2 else []))

    def untrack(self, a: int, b: int) -> None:
        """Have git forget a file that stays, or track one that it ignores."""
        path = self._file(a)
        if path is not None:
            self.git(*(["rm", "-q", "--cached"] if b % 2 else ["add", "-f"]), "--", path)

    def checkout(self, a: int, b: int) -> None:
        """Switch to a branch, which is made if need be; whatever was changed is lost."""
        name = BRANCHES[a % len(BRANCHES)]
        if self.git("rev-parse", "-q", "--verify", f"refs/heads/{name}"):
            self.git("checkout", "-q", "-f", name)
        else:
            self.git("checkout", "-q", "-b", name)

    def back(self, a: int, b: int) -> None:
        """Check out an earlier commit, without a branch."""
        self.git("checkout", "-q", "-f", f"HEAD~{1 + a % 3}")

    def delete_branch(self, a: int, b: int) -> None:
        """Delete a branch that is not checked out."""
        self.git("branch", "-q", "-D", BRANCHES[a % len(BRANCHES)])

    def stash(self, a: int, b: int) -> None:
        """Put changes aside, untracked files too with odd `b`, or take them back."""
        if a % 2:
            self.git("stash", "pop", "-q")
        else:
            self.git("stash", "push", "-q", *(["-u"] if b % 2 else []))

    def rebase(self, a: int, b: int) -> None:
        """Rebase on another branch, or merge it; given up where that conflicts."""
        how = "rebase" if b % 2 else "merge"
        self.git(how, "-q", BRANCHES[a % len(BRANCHES)])
        self.git(how, "--abort")

    def clean(self, a: int, b: int) -> None:
        """Throw away what is not committed; with odd `b` what is ignored as well."""
        self.git("reset", "-q", "--hard")
        self.git("clean", "-q", "-f", "-d", *(["-x"] if b % 2 else []))

    def submodule(self, a: int, b: int) -> None:
        """Add a submodule, move it to another commit of its own, bring it back, remove it."""
        if not (self._library / ".git").exists():
            self._make_library()
        module = self.root / "module"
        match b % 4:
            case 0:
                self.git("submodule", "add", "-q", "--force", str(self._library), "module")
            case 1 if (module / ".git").exists():
                self.git("checkout", "-q", "-f", f"HEAD~{a % 2}", at=module)
            case 2:
                self.git("submodule", "update", "-q", "--init", "--force")
            case 3:
                self.git("submodule", "deinit", "-q", "--force", "module")

    def inner(self, a: int, b: int) -> None:
        """Make a folder a repository of its own, or no longer; or another work tree of this."""
        if a % 3 == 2:
            tree = self.root / "tree"
            if not tree.exists():
                self.git("worktree", "add", "-q", "--detach", "--force", str(tree))
            elif b % 2:
                self.git("worktree", "remove", "--force", str(tree))
            return
        folders = self._folders()
        if folders:
            folder = self.root / folders[b % len(folders)]
            if (folder / ".git").is_dir():
                shutil.rmtree(folder / ".git")
            elif not (folder / ".git").exists() and a % 3:
                self.git("init", "-q", at=folder)
                self.git("add", "-A", at=folder)
                self.git("commit", "-q", "-m", "inner", at=folder)

    def many(self, a: int, b: int) -> None:
        """A folder full of new files at once, or none of them."""
        folder = self.root / "many"
        if folder.is_dir():
            shutil.rmtree(folder)
        elif not os.path.lexists(folder):
            folder.mkdir()
            for n in range(60 + a % 3 * 30):
                (folder / f"m{n}.py").write_text(source((n + b) % 100))

    def tools(self, a: int, b: int) -> None:
        """What a build leaves: a folder that is left out because of a file beside it, or not."""
        if b % 2:
            (self.root / "setup.py").unlink(missing_ok=True)
        else:
            self._put("setup.py", source(a % 100))

    def _make_library(self) -> None:
        self.git("init", "-q", at=self._library)
        for version in (90, 91, 92):
            (self._library / "lib.py").write_text(source(version))
            self.git("add", "-A", at=self._library)
            self.git("commit", "-q", "-m", "library", at=self._library)

    def _put(self, path: str, text: str) -> None:
        if self._room_for(path) and not (self.root / path).is_symlink():
            (self.root / path).write_text(text)

    def _room_for(self, path: str) -> bool:
        """Make the folders above; False where something else stands in the way."""
        target = self.root / path
        for folder in reversed(target.parents):
            if folder.is_relative_to(self.root) and not folder.is_dir():
                if os.path.lexists(folder):
                    return False
                folder.mkdir()
            if folder.is_relative_to(self.root) and folder.is_symlink():
                return False
        return not target.is_dir()

    def _file(self, number: int) -> str | None:
        """One of the files there are."""
        found = sorted(
            str(Path(folder, name).relative_to(self.root))
            for folder, _, names in self._walk()
            for name in names
        )
        return found[number % len(found)] if found else None

    def _folders(self) -> list[str]:
        return sorted(str(Path(at).relative_to(self.root)) for at, _, _ in self._walk())[1:]

    def _walk(self) -> list[tuple[str, list[str], list[str]]]:
        found = []
        for at, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if name not in (".git", "many", "module")]
            found.append((at, folders, [name for name in names if name != ".git"]))
        return found


STEPS: dict[str, Callable[[Repository, int, int], None]] = {
    name: step
    for name, step in vars(Repository).items()
    if not name.startswith("_") and name not in ("do", "git")
}


def random_step(chosen: random.Random) -> Step:
    """Any step; edits are as likely as all others together."""
    often = ("write", "replace", "old", "rename", "commit", "checkout")
    name = chosen.choice(often if chosen.random() < 0.5 else tuple(STEPS))
    return name, chosen.randrange(256), chosen.randrange(256)
