"""The life of an index with the real encoder: asked while it grows, shared, killed, resumed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from codesearch.encoder.cache import EmbeddingCache
from codesearch.settings import Settings
from tests.e2e.conftest import PARCELS, codesearch
from tests.indexing.helpers import Contents, contents, index_once, index_through_kills, names
from tests.server.client import Server

ROOM = PARCELS.parents[1] / "codesearch" / "search"  # some hundred units of real code
REAL: dict[str, object] = {}


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Server]]:
    """Starts servers on one cache; whatever still runs at the end is killed."""
    servers: list[Server] = []

    def begin() -> Server:
        servers.append(Server(env={"CODESEARCH_CACHE_DIR": str(tmp_path / "cache")}))
        return servers[-1]

    yield begin
    for server in servers:
        server.kill()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two real projects in one folder."""
    root = tmp_path / "repository"
    shutil.copytree(PARCELS, root / "parcels")
    shutil.copytree(ROOM, root / "search", ignore=shutil.ignore_patterns("__pycache__"))
    return root


@pytest.mark.timeout(400)
def test_a_search_while_indexing_answers_and_tells_how_complete_it_is(
    start: Callable[[], Server], repository: Path
) -> None:
    server = start()
    server.open(repository, options=REAL)
    # Until all was read once, it is the files that answer, which have no completeness.
    server.wait_status(lambda told: "secondsSinceScan" in told[0]["staleness"])
    server.request("codesearch/pause", {})  # however fast the machine, some of it is left
    early = server.request("codesearch/search", {"query": "volume discount"})
    assert "apply_volume_discount" in [hit["name"] for hit in early["hits"][:3]]
    told = early["completeness"]
    assert told["encoded"] < told["units"]
    assert told["complete"] is False
    assert early["notes"]
    server.request("codesearch/resume", {})
    server.wait_ready(timeout=300)
    late = server.request("codesearch/search", {"query": "volume discount"})
    assert late["completeness"]["complete"] is True
    assert late["completeness"]["encoded"] == late["completeness"]["units"]


@pytest.mark.timeout(400)
def test_two_servers_and_a_command_share_one_index_and_one_writer(
    start: Callable[[], Server], repository: Path, tmp_path: Path
) -> None:
    first, second = start(), start()
    for server in (first, second):
        server.open(repository, options=REAL)
    roots = [server.wait_ready(timeout=300)["roots"][0] for server in (first, second)]
    assert [root["isWriter"] for root in roots].count(True) == 1

    query = "parcels that lie in a depot too long"
    answer = codesearch(
        "search", query, "--json", "-n", "10", cwd=repository, cache=tmp_path / "cache"
    )
    by_command = [(h["path"], h["start_line"]) for h in json.loads(answer.stdout)["hits"]]
    for server in (first, second):
        hits = server.search(query, limit=10)
        ours = [(h["path"], h["location"]["range"]["start"]["line"] + 1) for h in hits]
        assert ours == by_command

    writer, other = (first, second) if roots[0]["isWriter"] else (second, first)
    writer.kill()
    other.wait_status(lambda told: told[0]["isWriter"])
    (repository / "late.py").write_text("def arrived_after_the_crash():\n    return 1\n")
    other.wait_hit("arrived_after_the_crash", lambda hit: hit["path"] == "late.py")
    assert other.wait_ready(timeout=300)["roots"][0]["textsEncoded"] > 0
    assert other.stop() == 0


@pytest.mark.timeout(900)
def test_twenty_kills_lose_nothing_and_encode_nothing_twice(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = Settings()
    monkeypatch.setenv("CODESEARCH_CACHE_DIR", str(tmp_path / "straight"))
    index_once(repository, settings)
    straight = contents(repository, settings)
    assert "shortest_route" in names(repository, settings)

    monkeypatch.setenv("CODESEARCH_CACHE_DIR", str(tmp_path / "killed"))
    survived = index_through_kills(repository, settings, 20, longest=1.0, seed=20)
    assert survived.kills == 20
    assert survived.status.complete
    _assert_equal(contents(repository, settings), straight)
    cache = EmbeddingCache()
    assert cache.puts == cache.rows  # no text came twice; a killed batch never came at all
    cache.close()


def _assert_equal(ours: Contents, straight: Contents) -> None:
    """The same units, and the same vectors but for rounding: batches were other ones."""
    assert {key: value[:2] for key, value in ours.items()} == {
        key: value[:2] for key, value in straight.items()
    }
    for key, (_, _, vectors) in ours.items():
        one, other = (np.frombuffer(rows, np.float32) for rows in (vectors, straight[key][2]))
        assert one.shape == other.shape
        assert one @ other == pytest.approx(one @ one, rel=0.001)
