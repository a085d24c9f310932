"""`Index.now`: the newest version in memory answers as the table does."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from codesearch.store import Counts, Filters, Index, IndexedUnit
from codesearch.store import index as index_module
from codesearch.store import reading as reading_module
from codesearch.store.compact import CompactVectors
from codesearch.store.reading import Reading
from codesearch.store.snapshot import Snapshot
from codesearch.types import Kind
from tests.store.units import DIMENSION, indexed, names, open_index, unit, vector_of

FILTERS = [
    Filters(),
    Filters(languages=("go",)),
    Filters(languages=("go", "python"), kinds=(Kind.CLASS,)),
    Filters(paths=("src/**",)),
    Filters(paths=("*.go",), exclude_paths=("src/f1*",)),
    Filters(languages=("cobol",)),
]


@pytest.fixture
def index(tmp_path: Path):
    index = open_index(tmp_path, writable=True)
    yield index
    index.close()


def some_files() -> dict[str, list[IndexedUnit]]:
    """Forty files; some units have several parts, and some lack a vector."""
    files: dict[str, list[IndexedUnit]] = {}
    for number in range(40):
        path, language = (f"src/f{number}.py", "python") if number % 3 else (f"g{number}.go", "go")
        kinds = (Kind.FUNCTION, Kind.CLASS, Kind.WINDOW)
        units = [
            unit(
                path,
                f"name{number % 7}",
                start=20 * at,
                language=language,
                kind=kind,
                body=f"word{number} common",
                qualified_name=f"Outer{number}.name{number % 7}",
            )
            for at, kind in enumerate(kinds)
        ]
        vectors = [vector_of(f"{number}.{at}") for at in range(3)]
        files[path] = [
            indexed(units[0], vectors[0], vectors[1]),
            indexed(units[1], vectors[2]),
            indexed(units[2], None),
        ]
    return files


def held(index: Index) -> Reading:
    """As from the second question on, once it has been read."""
    deadline = time.monotonic() + 30
    while not isinstance(reading := index.now(), Reading):
        assert time.monotonic() < deadline
        time.sleep(0.001)
    return reading


def ids(found: list) -> list[str]:
    return [one.unit.id for one in found]


@pytest.mark.parametrize("where", FILTERS)
def test_memory_answers_as_the_table_does(index: Index, where: Filters):
    index.replace_files(some_files())
    now = held(index)
    for limit in (1, 7, 200):
        query = vector_of("question")
        near, memory = (
            index.search_vectors(query, limit, where),
            now.search_vectors(query, limit, where),
        )
        assert len(memory) == len(near)
        if limit == 200:  # else two that are all but equally near may change places
            assert sorted(ids(memory)) == sorted(ids(near))
        assert [one.score for one in memory] == pytest.approx([one.score for one in near], abs=0.01)
    by_words, memory = (
        index.search_words(["word3"], 9, where),
        now.search_words(["word3"], 9, where),
    )
    assert [(one.unit, one.score) for one in memory] == [(one.unit, one.score) for one in by_words]
    for typed in ("name3", "NAME3", "Outer3.name3", "Outer4::name3", "nothing"):
        by_name, memory = index.find_names(typed, 50, where), now.find_names(typed, 50, where)
        assert sorted(ids(memory)) == sorted(ids(by_name))
        assert [one.score for one in memory] == [one.score for one in by_name]


def test_units_vectors_names_and_counts(index: Index):
    index.replace_files(some_files())
    now = held(index)
    assert now.units_at("src/f1.py") == index.units_at("src/f1.py")
    assert now.units_at("nowhere") == []
    assert now.counts() == index.counts() == Counts(120, 80)
    assert set(now.names()) == {f"name{number}" for number in range(7)}
    one = now.units_at("src/f1.py")[0].id
    np.testing.assert_array_equal(now.vectors_of([one])[one], index.vectors_of([one])[one])


def test_an_empty_index_answers_everything(index: Index):
    now = held(index)
    assert now.search_vectors(vector_of("x"), 5) == now.search_words(["x"], 5) == []
    assert now.find_names("f", 5) == now.units_at("a.py") == []
    assert now.search_words([" "], 5) == now.search_words(["x"], 0) == []
    assert now.names() == ()
    assert now.counts() == Counts(0, 0)


def test_every_write_is_seen_by_the_next_question(index: Index, tmp_path: Path):
    reader = open_index(tmp_path)
    index.replace_files(some_files())
    assert names(held(reader).search_words(["word3"], 5, Filters(kinds=(Kind.CLASS,)))) == ["name3"]
    first = held(reader)
    assert held(reader) is first
    for number in range(5):
        index.replace_files(
            {"src/f1.py": [indexed(unit("src/f1.py", f"new{number}", start=number))]}
        )
        now = held(reader)
        assert [one.name for one in now.units_at("src/f1.py")] == [f"new{number}"]
        assert names(now.find_names(f"new{number}", 5)) == [f"new{number}"]
        assert names(now.search_vectors(vector_of(f"new{number}"), 1)) == [f"new{number}"]
        assert now.counts() == Counts(118, 79)
    index.maintain(force=True)
    assert names(held(reader).search_words(["new4"], 5)) == ["new4"]
    index.replace_files({"src/f1.py": []})
    assert held(reader).units_at("src/f1.py") == held(reader).find_names("new4", 5) == []
    assert first.units_at("src/f1.py"), "what a question began with stays as it was"
    reader.close()


def test_what_is_new_is_added_to_what_is_there(index: Index, tmp_path: Path):
    index.replace_files(some_files())
    held(index)
    index.replace_files({"src/f1.py": [indexed(unit("src/f1.py", "new"), None)], "g0.go": []})
    followed, fresh = held(index).snapshot, held(open_index(tmp_path)).snapshot
    np.testing.assert_array_equal(followed.row_ids, fresh.row_ids)
    assert followed.names == fresh.names
    assert followed.counts == fresh.counts
    for path in some_files():
        assert followed.units(path) == fresh.units(path)
    query = vector_of("question")
    assert followed.nearest(query, 200, Filters()) == fresh.nearest(query, 200, Filters())


def test_a_unit_that_changes_in_its_place_is_seen(index: Index):
    before = unit("a.py", "f", signature="def f()")
    index.replace_files({**some_files(), "a.py": [indexed(before, None)]})
    assert held(index).counts().encoded == 80
    after = unit("a.py", "g", signature="def g()", documentation="Says more.")
    assert after.id == before.id
    index.replace_files({"a.py": [indexed(after, vector_of("g"))]})
    now = held(index)
    assert now.counts().encoded == 81
    assert now.units_at("a.py") == index.units_at("a.py")
    assert [one.documentation for one in now.units_at("a.py")] == ["Says more."]
    assert names(now.search_vectors(vector_of("g"), 1)) == ["g"]
    assert now.find_names("f", 5) == []


def test_rows_rewritten_during_a_word_search_are_found(index: Index):
    index.replace_files(some_files())
    before = held(index)
    index.replace_files({"src/f1.py": [indexed(unit("src/f1.py", "new", body="word1"))]})
    index.maintain(force=True)
    assert "new" in names(before.search_words(["word1"], 5))


def test_a_table_that_is_too_large_is_asked_itself(index: Index, monkeypatch: pytest.MonkeyPatch):
    index.replace_files(some_files())
    held(index)
    for module in (reading_module, index_module):
        monkeypatch.setattr(module, "IN_MEMORY_ROWS", 10)
    index.replace_files({"src/f1.py": []})
    assert index.now() is index
    assert index.now().names() == ()


def test_one_question_reads_nothing_into_memory(index: Index):
    index.replace_files(some_files())
    assert index.now() is index
    assert sorted(index.names()) == sorted(held(index).names())
    assert "name3" in index.names()


def test_an_index_that_cannot_be_read_into_memory_is_asked_itself(
    index: Index, monkeypatch: pytest.MonkeyPatch
):
    def fail(_: object) -> Snapshot:
        raise MemoryError

    index.replace_files(some_files())
    with monkeypatch.context() as failing:
        failing.setattr(Snapshot, "read", fail)
        assert all(index.now() is index for _ in range(5))
    held(index)


def test_compact_vectors_are_nearly_exact():
    vectors = np.stack([vector_of(str(number)) for number in range(2000)])
    compact = CompactVectors.of(vectors.astype(np.float16))
    query = vector_of("question")
    assert np.abs(compact.cosines(query) - vectors @ query).max() < 0.01
    none = CompactVectors.of(np.zeros((3, DIMENSION), np.float32))
    assert np.isneginf(none.cosines(query)).all()
