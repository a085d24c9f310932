"""A hostile repository through the whole pipeline: what can be found is, the rest is counted."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from watchdog.events import FileOpenedEvent, FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from codesearch.encoder import describe
from codesearch.paths import cache_home
from codesearch.store import Filters, Index
from codesearch.types import SkipReason
from tests.indexing.helpers import fake_settings, git
from tests.server.client import Server
from tests.torture.hostile import MARKER, Hostile
from tests.torture.scale import SCALE, SECONDS, SEED

_CROWDED = min(100_000, 2_000 * SCALE)
_LOOKED_AT = 2_500  # names whose paths are compared
_ASKED = 40  # names that are searched through the server
_MINUTES = 600 + SECONDS  # on a machine that has other things to do

# What is nested too deep is given up sooner than usual: the machine may be busy.
_OPTIONS = {"encoder": {"name": "fake"}, "indexing": {"parse_seconds": 0.5}}

pytestmark = pytest.mark.timeout(_MINUTES)


@pytest.fixture(autouse=True)
def test_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODESEARCH_TEST", "1")


@pytest.mark.parametrize("kind", ["walk", "git"])
def test_a_hostile_repository(kind: str, start: Callable[..., Server], tmp_path: Path) -> None:
    hostile = Hostile(tmp_path / "root", tmp_path / "outside")
    hostile.build(_CROWDED if kind == "git" else 100)
    if kind == "git":
        git(hostile.root, "init", "-q")
    else:
        hostile.skipped += hostile.unlisted
    server = start()
    with nothing_opened(hostile.outside):
        server.settings = _OPTIONS
        server.open(hostile.root, options=_OPTIONS)
        [status] = server.wait_ready(_MINUTES)["roots"]
        finds_by_name(server, hostile)
        assert server.search(MARKER) == [] or MARKER not in str(server.search(MARKER))
    assert status["skipped"] == {reason.value: n for reason, n in hostile.skipped.items()}
    assert "lastError" not in status
    holds_what_it_should(hostile)
    assert server.stop() == 0
    assert not (hostile.root / "run").exists()
    assert "Traceback" not in server.errors() + logged()


def finds_by_name(server: Server, hostile: Hostile) -> None:
    """A function's name leads to its file, whatever that is called."""
    for name, path in list(hostile.found.items())[:_ASKED]:
        first = server.search(name)[0]
        assert (first["name"], first["location"]["uri"]) == (name, (hostile.root / path).as_uri())


def holds_what_it_should(hostile: Hostile) -> None:
    """Every function and every text is in the index, and nothing from outside."""
    info = describe(fake_settings().encoder)
    with closing(
        Index.open(hostile.root, fingerprint=info.fingerprint, dimension=info.dimension)
    ) as index:
        names = set(index.names())
        assert hostile.found.keys() <= names
        for name, path in _some(hostile.found):
            assert name in {unit.name for unit in index.units_at(path)}
        assert set(hostile.as_text) <= set(index.paths())
        assert not index.unencoded_paths()
        assert index.search_words([MARKER], 5, Filters()) == []
        assert "inside_an_archive" not in names
    for file in cache_home().rglob("*"):
        assert not file.is_file() or MARKER.encode() not in file.read_bytes(), file


def _some(found: dict[str, str]) -> list[tuple[str, str]]:
    """Names with their paths: each costs a question to the table."""
    return random.Random(SEED).sample(sorted(found.items()), min(_LOOKED_AT, len(found)))


@contextmanager
def nothing_opened(folder: Path) -> Iterator[None]:
    """Within this, no process opens a file in `folder` or below."""
    opened: list[str] = []

    class Listener(FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            opened.append(os.fsdecode(event.src_path))

    observer = Observer()
    observer.schedule(Listener(), str(folder), recursive=True, event_filter=[FileOpenedEvent])
    observer.start()
    try:
        yield
    finally:
        observer.stop()
        observer.join()
    assert opened == []


def logged() -> str:
    """All that the indexer wrote into its log."""
    return "".join(
        file.read_text(encoding="utf-8", errors="replace")
        for file in cache_home().rglob("worker.log*")
    )


def test_reasons_are_all_tried(tmp_path: Path) -> None:
    hostile = Hostile(tmp_path / "root", tmp_path / "outside")
    hostile.build(0)
    elsewhere = {SkipReason.SECRET, SkipReason.GENERATED}  # tests/indexing, tests/languages
    assert set(hostile.skipped) == set(SkipReason) - elsewhere
