"""The folders that are measured in: copies of a repository, and parts of it.

What a copy needs (a commit, an index) is made once and is in no figure. A folder of work that
stays from one run to the next spares making them again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import psutil

from codesearch.encoder import describe
from codesearch.encoder.text import document_texts
from codesearch.indexing.scan import scan
from codesearch.languages import parse
from codesearch.settings import Settings
from codesearch.store import Index

WARMUP = (sys.executable, "-m", "codesearch", "warmup", "--quiet", "--json")
SEARCH = (sys.executable, "-m", "codesearch", "search", "--json")
_MADE = "made.json"


class Places:
    """Where to measure. `units` and `texts` say how large the parts of `root` are to be."""

    def __init__(self, root: Path, work: Path, *, units: int = 10_000, texts: int = 2_000) -> None:
        self.root = root
        self.work = work
        self._units = units
        self._texts = texts

    @cached_property
    def whole(self) -> Path:
        """All of the repository, committed and indexed."""
        copy = self._made("whole", sorted(scan(self.root, Settings().indexing).files))
        run([*WARMUP, str(copy)])
        return copy

    @cached_property
    def part(self) -> Path:
        """Files with some `units` units, committed, never indexed."""
        return self._made(f"part-{self._units}", self._sampled(units=self._units))

    @cached_property
    def sample(self) -> Path:
        """Files with some `texts` texts to encode, committed, never indexed."""
        return self._made(f"sample-{self._texts}", self._sampled(texts=self._texts))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every name that `whole` defines."""
        info = describe(Settings().encoder)
        index = Index.open(self.whole, fingerprint=info.fingerprint, dimension=info.dimension)
        try:
            return index.names()
        finally:
            index.close()

    def _made(self, name: str, paths: Sequence[str]) -> Path:
        copy = self.work / name
        marker = self.work / f"{name}.{_MADE}"
        wanted = {"root": str(self.root), "files": len(paths)}
        if marker.is_file() and json.loads(marker.read_text()) == wanted:
            return copy
        if copy.exists():
            shutil.rmtree(copy)
        for path in paths:
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self.root / path, copy / path)
        git(copy, "init", "-q")
        commit(copy, "as it came")
        marker.write_text(json.dumps(wanted))
        return copy

    def _sampled(self, *, units: int = 0, texts: int = 0) -> list[str]:
        """Files in an order that has nothing to do with their names, until there is enough."""
        tokens = describe(Settings().encoder).max_tokens
        files = scan(self.root, Settings().indexing).files
        chosen = []
        for path in sorted(files, key=lambda path: hashlib.blake2b(os.fsencode(path)).digest()):
            found = parse(path, (self.root / path).read_bytes()).units
            chosen.append(path)
            units -= len(found)
            texts -= sum(len(document_texts(unit, tokens)) for unit in found) if texts > 0 else 0
            if units <= 0 and texts <= 0:
                break
        return chosen


def files_of(copy: Path) -> list[Path]:
    """The regular files that git tracks."""
    listed = subprocess.run(
        ["git", "-C", str(copy), "ls-files", "-z"], check=True, capture_output=True
    )
    paths = (copy / os.fsdecode(one) for one in listed.stdout.split(b"\0") if one)
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def git(copy: Path, *arguments: str) -> None:
    """Run git in `copy`."""
    run(["git", "-C", str(copy), *arguments])


def commit(copy: Path, message: str) -> None:
    """Commit everything."""
    who = ["-c", "user.name=benchmark", "-c", "user.email=benchmark@localhost"]
    git(copy, "add", "-A")
    git(copy, *who, "commit", "-q", "--allow-empty", "-m", message)


def run(command: Sequence[str], **env: str) -> None:
    """Run a command to its end, with further variables; it must succeed."""
    subprocess.run(
        command,
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env={**os.environ, **env},
    )


@contextmanager
def cache(folder: Path) -> Iterator[None]:
    """Have codesearch, here and in what is started meanwhile, keep its files in `folder`."""
    before = os.environ.get("CODESEARCH_CACHE_DIR")
    os.environ["CODESEARCH_CACHE_DIR"] = str(folder)
    try:
        yield
    finally:
        os.environ.pop("CODESEARCH_CACHE_DIR")
        if before is not None:
            os.environ["CODESEARCH_CACHE_DIR"] = before


def memory(pid: int) -> float:
    """Proportional set size of a process and its descendants, in MB; 0 where there is none."""
    try:
        children = psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return 0.0
    return sum(_pss(one) for one in (pid, *(child.pid for child in children)))


def _pss(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
