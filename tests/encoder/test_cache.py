"""The embedding cache: what it keeps, what it lets go, and what it survives."""

from __future__ import annotations

import logging
import multiprocessing
import os
import sqlite3
import stat
from pathlib import Path

import numpy as np
import pytest

from codesearch.encoder import cache as cache_module
from codesearch.encoder.cache import EmbeddingCache
from codesearch.paths import embedding_cache_file

DIMENSION = 384


def vectors(first: int, count: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(first)
    return {
        f"{first + n:032x}": rng.standard_normal(DIMENSION).astype(np.float32) for n in range(count)
    }


@pytest.fixture
def cache(tmp_path: Path) -> EmbeddingCache:
    return EmbeddingCache(tmp_path / "folder" / "embeddings.db")


def test_gives_back_what_was_put(cache: EmbeddingCache):
    put = vectors(0, 1200)
    cache.put("a", put)
    got = cache.get("a", [*put, "absent"])
    assert got.keys() == put.keys()
    for name, vector in got.items():
        assert vector.dtype == np.float32
        assert np.array_equal(vector, put[name].astype(np.float16).astype(np.float32))


def test_fingerprints_are_apart(cache: EmbeddingCache):
    put = vectors(0, 3)
    cache.put("a", put)
    assert cache.get("b", list(put)) == {}


def test_rounding_happens_once(cache: EmbeddingCache):
    cache.put("a", vectors(0, 1))
    once = cache.get("a", list(vectors(0, 1)))
    cache.put("a", once)
    again = cache.get("a", list(once))
    assert all(np.array_equal(once[name], again[name]) for name in once)


def test_nothing_to_do(cache: EmbeddingCache):
    cache.put("a", {})
    assert cache.get("a", []) == {}
    assert cache.rows == cache.puts == 0


def test_counts_prove_that_nothing_came_twice(cache: EmbeddingCache):
    cache.put("a", vectors(0, 10))
    assert (cache.puts, cache.rows) == (10, 10)
    cache.put("a", vectors(5, 10))
    assert (cache.puts, cache.rows) == (20, 15)


def test_file_is_private_and_shared(private_home: Path):
    cache = EmbeddingCache()
    cache.put("a", vectors(0, 1))
    assert stat.S_IMODE(embedding_cache_file().stat().st_mode) == 0o600
    assert stat.S_IMODE(embedding_cache_file().parent.stat().st_mode) == 0o700
    assert len(EmbeddingCache().get("a", list(vectors(0, 1)))) == 1


def test_vectors_of_deleted_repositories_expire(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "embeddings.db"
    monkeypatch.setattr(cache_module, "_today", lambda: 100)
    EmbeddingCache(path).put("a", vectors(0, 100))
    monkeypatch.setattr(cache_module, "_today", lambda: 200)
    used = list(vectors(0, 10))
    assert len(EmbeddingCache(path).get("a", used)) == 10
    monkeypatch.setattr(cache_module, "_today", lambda: 281)
    cache = EmbeddingCache(path)
    assert cache.rows == 10
    assert len(cache.get("a", used)) == 10


def test_used_again_after_close(cache: EmbeddingCache):
    cache.put("a", vectors(0, 2))
    cache.close()
    assert cache.rows == 2


def test_zero_megabytes_turn_it_off(tmp_path: Path):
    cache = EmbeddingCache(tmp_path / "embeddings.db", cache_mb=0)
    cache.put("a", vectors(0, 2))
    assert cache.get("a", list(vectors(0, 2))) == {}
    assert list(tmp_path.iterdir()) == []


def test_size_stays_bounded_and_the_file_shrinks(tmp_path: Path):
    path = tmp_path / "embeddings.db"
    cache = EmbeddingCache(path, cache_mb=2)
    for first in range(0, 6000, 500):
        cache.put("a", vectors(first, 500))
    assert 500 <= cache.rows < 3000
    assert len(cache.get("a", list(vectors(5500, 500)))) == 500, "the newest stay"
    cache.close()
    assert path.stat().st_size < 3 << 20


def test_a_lower_bound_takes_effect_with_the_next_opening(tmp_path: Path):
    path = tmp_path / "embeddings.db"
    cache = EmbeddingCache(path, cache_mb=64)
    for first in range(0, 6000, 500):
        cache.put("a", vectors(first, 500))
    cache.close()
    assert path.stat().st_size > 4 << 20
    lower = EmbeddingCache(path, cache_mb=2)
    assert 500 <= lower.rows < 3000
    assert lower.get("a", list(vectors(5900, 100))), "the newest stay"
    lower.close()
    assert path.stat().st_size <= 2 << 20


def test_least_recently_used_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    cache = EmbeddingCache(tmp_path / "embeddings.db", cache_mb=1)
    monkeypatch.setattr(cache_module, "_today", lambda: 100)
    cache.put("a", vectors(0, 1000))
    monkeypatch.setattr(cache_module, "_today", lambda: 101)
    used = list(vectors(0, 1000))[:100]
    cache.get("a", used)
    for first in range(1000, 1700, 100):
        cache.put("a", vectors(first, 100))
    assert cache.rows < 1700
    assert len(cache.get("a", used)) == 100
    assert len(cache.get("a", list(vectors(0, 1000)))) < 800


def put_many(path: str, first: int) -> int:
    cache = EmbeddingCache(Path(path))
    for step in range(10):
        cache.put("a", vectors(first + 50 * step, 50))
        cache.get("a", list(vectors(first, 50)))
    return cache.rows


def test_four_processes_write_at_once(tmp_path: Path):
    path = tmp_path / "embeddings.db"
    context = multiprocessing.get_context("spawn")
    with context.Pool(4) as pool:
        assert all(pool.starmap(put_many, [(str(path), n * 10_000) for n in range(4)]))
    cache = EmbeddingCache(path)
    assert (cache.rows, cache.puts) == (2000, 2000)


@pytest.mark.parametrize(
    "content", [b"not a database at all" * 500, b"SQLite format 3\0" + b"x" * 8192]
)
def test_damaged_file_is_left_for_a_new_one(tmp_path: Path, content: bytes, caplog):
    path = tmp_path / "embeddings.db"
    path.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        cache = EmbeddingCache(path)
    cache.put("a", vectors(0, 3))
    assert cache.rows == 3
    assert path.read_bytes() == content, "left for whoever wants to look"
    assert caplog.text.count("begun anew") == 1
    assert EmbeddingCache(path).rows == 3


def test_damaged_files_go_after_a_day(tmp_path: Path):
    path = tmp_path / "embeddings.db"
    path.write_bytes(b"not a database at all" * 500)
    EmbeddingCache(path).close()
    assert path.exists()
    os.utime(path, (1, 1))
    (tmp_path / "embeddings.old.db").write_text("somebody's own")
    os.utime(tmp_path / "embeddings.old.db", (1, 1))
    cache = EmbeddingCache(path)
    cache.put("a", vectors(0, 3))
    cache.close()
    names = {file.name for file in tmp_path.iterdir()}
    assert names == {"embeddings.1.db", "embeddings.old.db"}
    assert EmbeddingCache(path).rows == 3


def test_damage_during_use(cache: EmbeddingCache, tmp_path: Path):
    path = tmp_path / "folder" / "embeddings.db"
    for first in range(0, 2000, 500):
        cache.put("a", vectors(first, 500))
    cache.close()
    with path.open("r+b") as file:
        file.seek(4096 * 2)
        file.write(os.urandom(path.stat().st_size - 4096 * 2))
    assert cache.get("a", list(vectors(0, 2000))) == {}
    cache.put("a", vectors(0, 5))
    assert len(cache.get("a", list(vectors(0, 5)))) == 5


def test_two_users_of_a_damaged_file_meet_in_the_same_new_one(tmp_path: Path):
    path = tmp_path / "embeddings.db"
    one, two = EmbeddingCache(path), EmbeddingCache(path)
    one.put("a", vectors(0, 500))
    for cache in (one, two):
        cache._leave(sqlite3.DatabaseError("malformed"))
        cache.put("a", vectors(cache is two, 1))
    assert one.rows == two.rows == 2


def test_unusable_place_is_a_warning_and_no_cache(tmp_path: Path, caplog):
    (tmp_path / "file").write_text("")
    with caplog.at_level(logging.WARNING):
        cache = EmbeddingCache(tmp_path / "file" / "embeddings.db")
        cache.put("a", vectors(0, 2))
    assert cache.get("a", list(vectors(0, 2))) == {}
    assert caplog.text.count("not used") == 1, "told once"


def test_full_disk_is_a_warning_and_the_rest_stays(cache: EmbeddingCache, caplog):
    cache.put("a", vectors(0, 10))
    assert cache._database is not None
    cache._database.execute("PRAGMA max_page_count = 1")  # what SQLite does on a full disk
    with caplog.at_level(logging.WARNING):
        cache.put("a", vectors(100, 500))
    assert "full" in caplog.text
    assert (cache.rows, cache.puts) == (10, 10)
