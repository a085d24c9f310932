"""A developer's day, hurried: what an editor asks of one server while somebody works."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median

import psutil

from codesearch.paths import cache_home
from tests.indexing.helpers import commit_all, git, module, write
from tests.server.client import Server, opened
from tests.torture.scale import SECONDS

_FILES = 60
_VERSIONS = 30  # of each file: a day has an end, and so has what is encoded in it
_OPTIONS = {
    "encoder": {"name": "fake"},
    "indexing": {"worker_idle_seconds": 20, "rescan_seconds": 15},
}
_QUESTIONS = ("number of", "return value", "m7_2", "kind:function m1", "path:pkg3 number", "é ?")


@dataclass(frozen=True)
class Sample:
    """What the server and its children hold at a moment of rest; memory and disk in MB."""

    server: float
    children: float
    threads: int
    descriptors: int
    disk: float


class Day:
    """A repository, a server with it, and steps that a person takes."""

    def __init__(self, root: Path, seed: int, begin: Callable[[], Server]) -> None:
        self.root = root
        self.steps = 0
        self.samples: list[Sample] = []
        self._chosen = random.Random(seed)
        self._begin = begin
        write(root, {self._path(n): self._text(n) for n in range(_FILES)})
        commit_all(root)
        git(root, "checkout", "-q", "-b", "topic")
        write(root, {self._path(n): self._text(n) for n in range(0, _FILES, 2)})
        commit_all(root)
        self.server = self._open()

    def round(self) -> None:
        """Some work, and then a pause in which everything comes to rest."""
        for _ in range(12):
            self._chosen.choice(
                (self._edit, self._edit, self._save, self._save, self._search, self._search,
                 self._similar, self._browse, self._delete, self._checkout)
            )()  # fmt: skip
            self.steps += 1
        if self._chosen.random() < 0.15:
            self._reload_another_window()
        self.server.wait_ready(SECONDS + 600)
        self.server.forget()  # it is this process that is not measured
        self.samples.append(self._sample())

    def _open(self) -> Server:
        server = self._begin()
        # The machine may be busy, or asleep for a while in the middle of a long day.
        server.until = partial(server.until, timeout=SECONDS + 600)  # type: ignore[method-assign]
        server.settings = _OPTIONS
        server.open(self.root, options=_OPTIONS)
        server.wait_ready(SECONDS + 600)
        return server

    def _path(self, number: int) -> str:
        return f"pkg{number % 7}/m{number}.py"

    def _text(self, number: int) -> str:
        return module(f"m{number}", 1 + self._chosen.randrange(_VERSIONS))

    def _some(self) -> tuple[Path, str]:
        number = self._chosen.randrange(_FILES)
        return self.root / self._path(number), self._text(number)

    def _edit(self) -> None:
        """Type, ask about what is not saved, and leave it or keep it."""
        path, text = self._some()
        self.server.notify("textDocument/didOpen", opened(path, text))
        for _ in range(self._chosen.randrange(8)):
            text += f"# typed {self._chosen.randrange(10)}\n"
            self.server.notify("textDocument/didChange", self._change(path, text))
        self.server.search(self._chosen.choice(_QUESTIONS))
        if self._chosen.random() < 0.5:
            self._write(path, text)
        self.server.notify("textDocument/didClose", {"textDocument": {"uri": path.as_uri()}})

    def _change(self, path: Path, text: str) -> dict[str, object]:
        document = {"uri": path.as_uri(), "version": 2}
        return {"textDocument": document, "contentChanges": [{"text": text}]}

    def _save(self) -> None:
        self._write(*self._some())

    def _write(self, path: Path, text: str) -> None:
        write(self.root, {path.relative_to(self.root).as_posix(): text})
        self.server.notify("textDocument/didSave", {"textDocument": {"uri": path.as_uri()}})

    def _search(self) -> None:
        numbers = [
            self.server.send("codesearch/search", {"query": self._chosen.choice(_QUESTIONS)})
            for _ in range(4)
        ]
        self.server.cancel(numbers[0])
        for number in numbers:
            self.server.response(number)

    def _similar(self) -> None:
        path, text = self._some()
        document = {"uri": path.as_uri()}
        self.server.notify("textDocument/didOpen", opened(path, text))
        position = {"line": self._chosen.randrange(3), "character": 2}
        self.server.response(
            self.server.send("codesearch/similar", {"textDocument": document, "position": position})
        )
        self.server.notify("textDocument/didClose", {"textDocument": document})

    def _browse(self) -> None:
        self.server.request("workspace/symbol", {"query": self._chosen.choice(_QUESTIONS)})
        self.server.status()

    def _delete(self) -> None:
        path, _ = self._some()
        path.unlink(missing_ok=True)

    def _checkout(self) -> None:
        git(self.root, "checkout", "-q", "-f", self._chosen.choice(("main", "topic")))

    def _reload_another_window(self) -> None:
        """A second editor on the same folder comes, asks, and goes."""
        other = self._open()
        other.search("number of")
        assert other.stop() == 0

    def _sample(self) -> Sample:
        process = psutil.Process(self.server.process.pid)
        children = 0.0
        for child in process.children(recursive=True):
            try:
                children += child.memory_full_info().pss
            except psutil.Error:  # gone since
                continue
        return Sample(
            server=process.memory_full_info().pss / 1e6,
            children=children / 1e6,
            threads=process.num_threads(),
            descriptors=process.num_fds(),
            disk=_size(cache_home()) / 1e6,
        )


def growth(samples: list[Sample]) -> dict[str, tuple[float, float]]:
    """Of each figure, its median in the second quarter of the samples and in the last."""
    quarter = len(samples) // 4
    second, last = samples[quarter : 2 * quarter], samples[-quarter:]
    return {
        name: (
            median(asdict(one)[name] for one in second),
            median(asdict(one)[name] for one in last),
        )
        for name in asdict(samples[0])
    }


def _size(folder: Path) -> int:
    found = 0
    for at, _, names in os.walk(folder):
        for name in names:
            try:
                found += (Path(at) / name).stat().st_blocks * 512
            except OSError:  # removed meanwhile
                continue
    return found
