"""Compaction, version clean-up and the vector index."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import lancedb
import numpy as np
import pytest

from codesearch.paths import index_home
from codesearch.store import Counts, Filters, table
from codesearch.store import index as index_module
from codesearch.store.layout import read_meta
from tests.store.units import indexed, names, open_index, unit, vector_of

FILES = 60


@pytest.fixture
def filled(tmp_path: Path):
    index = open_index(tmp_path, writable=True)
    index.replace_files({
        f"{at}.py": [indexed(unit(f"{at}.py", f"f{at}x{n}", start=n * 20)) for n in range(10)]
        for at in range(FILES)
    })  # fmt: skip
    yield index
    index.close()


def size_of(root: Path) -> int:
    return sum(file.stat().st_size for file in index_home(root).rglob("*") if file.is_file())


def test_disk_does_not_grow_with_saves(filled, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(index_module, "KEEP_VERSIONS", timedelta(milliseconds=1))
    filled.maintain(force=True)
    before = size_of(tmp_path)
    largest = 0
    for at in range(300):
        path = f"{at % FILES}.py"
        filled.replace_files(
            {path: [indexed(unit(path, f"save{at}n{n}", start=n)) for n in range(10)]}
        )
        filled.maintain()
        largest = max(largest, size_of(tmp_path))
    assert largest < 6 * before
    filled.maintain(force=True)
    assert size_of(tmp_path) < 2 * before
    assert filled.counts() == Counts(FILES * 10, FILES * 10)
    assert names(filled.search_words(["save299n3"], 5)) == ["save299n3"]


def test_maintenance_is_rare_and_changes_no_answer(filled, tmp_path: Path):
    def fragments() -> int:
        return len(list((index_home(tmp_path) / "table.lance" / "data").iterdir()))

    filled.maintain(force=True)
    answers = [filled.search_words(["5"], 10), filled.search_vectors(vector_of("q"), 10)]
    filled.replace_files({"new.py": [indexed(unit("new.py", "new"))]})
    before = fragments()
    filled.maintain()
    assert fragments() == before
    filled.replace_files({"new.py": []})
    filled.maintain(force=True)
    assert [filled.search_words(["5"], 10), filled.search_vectors(vector_of("q"), 10)] == answers


def test_recent_versions_stay_for_their_readers(filled, tmp_path: Path):
    versions = index_home(tmp_path) / "table.lance" / "_versions"
    before = set(versions.iterdir())
    filled.maintain(force=True)
    assert before <= set(versions.iterdir())


def test_a_writer_at_rest_gives_back_what_old_versions_hold(filled, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(index_module, "KEEP_VERSIONS", timedelta(milliseconds=1))
    filled.maintain(force=True)
    before = size_of(tmp_path)
    for _ in range(8):
        filled.replace_files({"0.py": [indexed(unit("0.py", f"n{n}", start=n)) for n in range(10)]})
    filled.tidy()  # a few rows are not worth the writing
    assert size_of(tmp_path) > before
    monkeypatch.setattr(index_module, "_WASTE_BYTES", 1)
    filled.tidy()  # nothing was written since
    assert not filled.untidy
    filled.replace_files({"0.py": [indexed(unit("0.py", "last"))]})
    assert filled.untidy
    filled.tidy()
    assert size_of(tmp_path) < 1.5 * before
    assert names(filled.search_words(["last"], 5)) == ["last"]


def test_a_writer_at_rest_indexes_the_last_words(filled, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(index_module, "_UNINDEXED_AT_REST", 30)

    def unindexed() -> int:
        table = lancedb.connect(index_home(tmp_path)).open_table("table")
        return table.index_stats("words_idx").num_unindexed_rows

    filled.maintain(force=True)
    for name, count, left in (("few", 20, 20), ("many", 20, 0)):
        path = f"{name}.py"
        filled.replace_files({path: [indexed(unit(path, f"w{n}", start=n)) for n in range(count)]})
        filled.tidy()
        assert unindexed() == left
    assert names(filled.search_words(["w7"], 5)) == ["w7", "w7"]


def test_a_writer_tidies_up_after_one_that_had_no_rest(filled, tmp_path: Path):
    filled.tidy()
    filled.close()
    assert open_index(tmp_path, writable=True).untidy


def test_the_vector_index_comes_with_size_and_is_made_anew_when_it_doubled(
    filled, tmp_path: Path, monkeypatch
):
    monkeypatch.setattr(index_module, "_VECTOR_INDEX_ROWS", 500)
    reader = open_index(tmp_path)
    filled.replace_files({"bare.py": [indexed(unit("bare.py", "bare"), None)]})
    filled.maintain(force=True)
    trained = read_meta(index_home(tmp_path)).trained_rows
    assert trained == FILES * 10
    filled.replace_files({"late.py": [indexed(unit("late.py", "late"))]})
    for index in (filled, reader):
        assert names(index.search_vectors(vector_of("f7x3"), 1)) == ["f7x3"]
        assert names(index.search_vectors(vector_of("late"), 1)) == ["late"]  # not indexed yet
        assert len(index.search_vectors(vector_of("x"), 2000)) == FILES * 10 + 1
        only = index.search_vectors(vector_of("x"), 10, Filters(paths=("7.py",)))
        assert {one.unit.path for one in only} == {"7.py"}
        assert len(only) == 10
    filled.maintain(force=True)
    assert read_meta(index_home(tmp_path)).trained_rows == trained
    filled.replace_files({
        f"more{at}.py": [indexed(unit(f"more{at}.py", f"m{at}x{n}", start=n)) for n in range(10)]
        for at in range(FILES)
    })  # fmt: skip
    filled.maintain(force=True)
    assert read_meta(index_home(tmp_path)).trained_rows == 2 * trained + 1
    assert names(reader.search_vectors(vector_of("m7x3"), 1)) == ["m7x3"]


def test_the_vector_index_agrees_with_exact_search(filled, monkeypatch):
    queries = [vector_of(f"query {at}") for at in range(20)]
    exact = [names(filled.search_vectors(query, 10)) for query in queries]
    monkeypatch.setattr(index_module, "_VECTOR_INDEX_ROWS", 500)
    filled.maintain(force=True)
    found = [names(filled.search_vectors(query, 10)) for query in queries]
    shares = [len(set(one) & set(other)) / 10 for one, other in zip(exact, found, strict=True)]
    assert np.mean(shares) > 0.95


def test_files_of_old_versions_do_not_stay_open(tmp_path: Path, monkeypatch):
    writer = open_index(tmp_path, writable=True)
    monkeypatch.setattr(table, "_MOST_REMEMBERED", 100)
    monkeypatch.setattr(table, "_VERSIONS_REMEMBERED", 10)
    reader = open_index(tmp_path)
    opened = []
    for at in range(16):
        writer.replace_files({"0.py": [indexed(unit("0.py", f"g{at}"))]})
        assert names(reader.search_words([f"g{at}"], 5)) == [f"g{at}"]
        writer.maintain(force=True)
        assert names(reader.search_words([f"g{at}"], 5)) == [f"g{at}"]
        opened.append(len(list(Path("/dev/fd").iterdir())))
    assert max(opened[8:]) - max(opened[:8]) < 8
