"""A repository with a server and commands at work on it, any of which may be killed."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import psutil
import pytest

from codesearch.encoder import describe
from codesearch.encoder.cache import EmbeddingCache
from codesearch.errors import StoreDamagedError, StoreError
from codesearch.indexing import refresh
from codesearch.indexing.encoding import BATCH_TEXTS
from codesearch.settings import Settings
from codesearch.store import Index, Manifest
from codesearch.types import Kind
from tests.indexing.helpers import Contents, contents, kill
from tests.server.client import FAKE, Server
from tests.torture.expected import assert_as_expected
from tests.torture.history import Repository, Step, functions_of, random_step
from tests.torture.scratch import from_scratch

_MOMENTS = (0.02, 0.2, 1.0)  # seconds within which a process is killed after it was given work
_COMMAND_SECONDS = 3.0  # the same for a command, which has to start first
_COMMANDS = (("search", "{name}"), ("search", "{name}", "--wait"), ("warmup", ".", "--wait"))


class Life:
    """Random work on one repository, and random deaths. `deaths` counts them by kind."""

    def __init__(self, base: Path, settings: Settings, seed: int) -> None:
        self.repository = Repository(base)
        self.root = self.repository.root
        self.deaths: Counter[str] = Counter()
        self.steps: deque[Step] = deque(maxlen=12)
        self._settings = settings
        self._options = FAKE if settings.encoder.name == "fake" else {}
        self._chosen = random.Random(seed)
        self._server: Server | None = None

    def round(self) -> None:
        """Work, kill something in the middle of it, and see that every file is still whole."""
        if self._server is None and self._chosen.random() < 0.7:
            self._server = Server()
            self._server.open(self.root, options=self._options)
        for _ in range(self._chosen.randrange(1, 5)):
            self.steps.append(random_step(self._chosen))
            self.repository.do(self.steps[-1])
        if self._server is None or self._chosen.random() < 0.3:
            self._kill_a_command()
        else:
            self._kill_the_server_or_its_children(self._server)
        assert_whole(self.root, self._settings)

    def settle(self) -> None:
        """Bring the index up to date, and compare it with one that was made from nothing."""
        refresh(self.root, self._settings)
        assert_as_expected(self.root, self._settings)
        ours = contents(self.root, self._settings)
        assert_equal(ours, from_scratch(self.root, self._settings))
        assert_recorded(self.root, self._settings)
        cache = EmbeddingCache()
        assert cache.puts == cache.rows  # no text was kept twice
        with peeked(self.root) as manifest:
            encoded = manifest.counters().get("texts_encoded", 0)
        assert encoded <= cache.rows + BATCH_TEXTS * self.deaths.total()
        cache.close()

    def close(self) -> None:
        """End what still runs."""
        if self._server is not None:
            self._server.kill()

    def _kill_a_command(self) -> None:
        arguments = [
            one.format(name=f"f{self._chosen.randrange(100):02}_0")
            for one in self._chosen.choice(_COMMANDS)
        ]
        command = subprocess.Popen(
            [sys.executable, "-m", "codesearch", *arguments],
            cwd=self.root,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(self._chosen.random() * _COMMAND_SECONDS)
        children = _children(command.pid)
        if command.poll() is None:
            command.kill()
            self.deaths[arguments[0]] += 1
            if children and self._chosen.random() < 0.5:
                self._kill_all(children)
        command.wait()

    def _kill_the_server_or_its_children(self, server: Server) -> None:
        if self._chosen.random() < 0.5:
            server.send("codesearch/reindex", {})
        number = server.send("codesearch/search", {"query": "return number of"})
        time.sleep(self._chosen.random() * self._chosen.choice(_MOMENTS))
        how = self._chosen.choice(("worker", "worker", "worker", "server", "both"))
        if how != "server":
            self._kill_all(_children(server.process.pid))
        if how != "worker":
            server.kill()
            self._server = None
            self.deaths["server"] += 1
        else:
            assert "result" in server.response(number)

    def _kill_all(self, processes: list[psutil.Process]) -> None:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                name = "worker" if "codesearch.indexing.worker" in process.cmdline() else "helper"
                if kill(process.pid):
                    self.deaths[name] += 1


def _children(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def assert_whole(root: Path, settings: Settings) -> None:
    """Every file in the index has all units of one of its versions, and each once."""
    info = describe(settings.encoder)
    try:
        index = Index.open(root, fingerprint=info.fingerprint, dimension=info.dimension)
    except StoreDamagedError:
        raise
    except StoreError:  # killed before it was made
        return
    for path in index.paths():
        units = index.units_at(path)
        assert len({unit.id for unit in units}) == len(units), path
        names = {unit.name for unit in units if unit.kind is not Kind.WINDOW}
        versions = {name.partition("_")[0] for name in names}
        assert len(versions) <= 1, (path, names)
        for version in versions:
            if version.startswith("f"):
                assert names == functions_of(int(version[1:])), path
    index.close()


def assert_recorded(root: Path, settings: Settings) -> None:
    """Table and manifest speak of the same files and units."""
    info = describe(settings.encoder)
    index = Index.open(root, fingerprint=info.fingerprint, dimension=info.dimension)
    with peeked(root) as manifest:
        records = manifest.files()
    stored = {path: len(index.units_at(path)) for path in index.paths()}
    assert stored == {record.path: record.units for record in records.values() if record.units}
    assert not index.unencoded_paths()
    index.close()


def assert_equal(ours: Contents, straight: Contents) -> None:
    """The same units, and the same vectors but for what other batches make of rounding."""
    if ours == straight:
        return
    assert {key: value[:2] for key, value in ours.items()} == {
        key: value[:2] for key, value in straight.items()
    }
    for key, (_, _, vectors) in ours.items():
        one, other = (np.frombuffer(rows, np.float32) for rows in (vectors, straight[key][2]))
        assert one.shape == other.shape
        assert one @ other == pytest.approx(one @ one, rel=0.001)


@contextmanager
def peeked(root: Path) -> Iterator[Manifest]:
    """The manifest, to read."""
    manifest = Manifest.peek(root)
    try:
        yield manifest
    finally:
        manifest.close()
