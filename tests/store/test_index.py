from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from codesearch.errors import StoreError
from codesearch.store import Counts, Filters, Index, IndexedUnit, StoredUnit
from codesearch.types import Kind
from tests.store.units import indexed, names, open_index, unit, vector_of


@pytest.fixture
def index(tmp_path: Path):
    index = open_index(tmp_path, writable=True)
    yield index
    index.close()


def test_importing_the_store_is_light():
    code = "import sys, codesearch.store; print({'lancedb', 'pyarrow'} & set(sys.modules))"
    printed = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True
    )
    assert printed.stdout.strip() == "set()", printed.stderr


def test_an_empty_index_answers_everything(index: Index):
    assert index.counts() == Counts(0, 0)
    assert index.search_words(["anything"], 5) == []
    assert index.search_vectors(vector_of("x"), 5) == []
    assert index.find_names("f", 5) == []
    assert index.units_at("a.py") == []
    assert index.vectors_of(["nothing"]) == {}
    assert index.unencoded_paths() == index.paths() == []


def test_a_unit_comes_back_as_it_was_given(index: Index):
    one = unit(name="parse", documentation="Reads.", qualified_name="mod.parse", body="x = 1")
    index.replace_files({"a.py": [indexed(one)]})
    (stored,) = index.units_at("a.py")
    assert stored.id == one.id
    assert stored.encoded
    for field in set(StoredUnit.__slots__) - {"encoded"}:
        assert getattr(stored, field) == getattr(one, field)


def test_written_rows_are_found_at_once_by_every_view(index: Index):
    index.replace_files({"a.py": [indexed(unit(name="parse_json", body="decode the stream"))]})
    assert names(index.search_words(["stream"], 5)) == ["parse_json"]
    assert names(index.search_vectors(vector_of("parse_json"), 5)) == ["parse_json"]
    assert names(index.find_names("PARSE_json", 5)) == ["parse_json"]


def test_replacing_takes_away_what_was_there_and_leaves_other_files(index: Index):
    index.replace_files({"a.py": [indexed(unit(name="old"))], "b.py": [indexed(unit("b.py"))]})
    index.replace_files({"a.py": [indexed(unit(name="new", start=3)), indexed(unit(name="two"))]})
    assert [stored.name for stored in index.units_at("a.py")] == ["two", "new"]
    assert index.paths() == ["a.py", "b.py"]
    index.replace_files({"a.py": []})
    assert index.paths() == ["b.py"]
    index.replace_files({"b.py": [], "c.py": [indexed(unit("c.py"))]})
    assert index.paths() == ["c.py"]


def test_a_unit_given_twice_is_stored_once(index: Index):
    index.replace_files({"a.py": [indexed(unit()), indexed(unit())]})
    index.replace_files({"a.py": [indexed(unit()), indexed(unit())]})
    assert index.counts() == Counts(1, 1)


def test_a_unit_of_another_file_is_refused(index: Index):
    with pytest.raises(ValueError, match=r"b\.py"):
        index.replace_files({"a.py": [indexed(unit("b.py"))]})


def test_a_vector_of_another_length_is_refused(index: Index):
    short = np.zeros(3, np.float32)
    with pytest.raises(ValueError, match="shape"):
        index.search_vectors(short, 5)
    with pytest.raises(ValueError, match="shape"):
        index.replace_files({"a.py": [indexed(unit(), short)]})


def test_missing_vectors_are_counted_and_not_found_by_meaning(index: Index):
    bare = IndexedUnit(unit("b.py", "bare", body="lexical"), (None, None))
    half = IndexedUnit(unit("c.py", "half"), (vector_of("h"), None))
    index.replace_files({"a.py": [indexed(unit())], "b.py": [bare], "c.py": [half]})
    assert index.counts() == Counts(3, 1)
    assert index.unencoded_paths() == ["b.py", "c.py"]
    assert set(names(index.search_vectors(vector_of("f"), 10))) == {"f", "half"}
    assert names(index.search_words(["lexical"], 5)) == ["bare"]
    index.replace_files({"b.py": [indexed(bare.unit, vector_of("b"), vector_of("c"))]})
    assert index.counts() == Counts(3, 2)


def test_a_unit_in_parts_is_one_unit_found_by_its_best_part(index: Index):
    parts = [vector_of(f"part {at}") for at in range(30)]
    long = indexed(unit(name="long", body="needle"), *parts)
    others = [indexed(unit("b.py", f"g{at}", start=at * 20)) for at in range(20)]
    index.replace_files({"a.py": [long], "b.py": others})
    found = index.search_vectors(parts[17], 15)
    assert found[0].unit.name == "long"
    assert found[0].score == pytest.approx(1.0, abs=1e-3)
    assert len(found) == len(set(names(found))) == 15
    assert names(index.search_words(["needle"], 5)) == ["long"]
    assert len(index.find_names("long", 5)) == len(index.units_at("a.py")) == 1
    assert index.counts() == Counts(21, 21)


def test_limit_is_reached_when_all_nearest_rows_belong_to_one_unit(index: Index):
    near = vector_of("near")
    index.replace_files({
        "a.py": [indexed(unit(name="long"), *[near] * 200)],
        "b.py": [indexed(unit("b.py", f"g{at}", start=at * 20)) for at in range(9)],
    })  # fmt: skip
    assert len(index.search_vectors(near, 10)) == 10


def test_vectors_survive_as_float16(index: Index):
    one, two = unit(name="one"), unit("b.py", "two")
    parts = (vector_of("p"), vector_of("q"))
    index.replace_files({"a.py": [indexed(one, *parts)], "b.py": [indexed(two, None)]})
    vectors = index.vectors_of([one.id, two.id, "c.py\x000\x001\x00function"])
    assert set(vectors) == {one.id}
    assert vectors[one.id].dtype == np.float32
    np.testing.assert_array_equal(
        vectors[one.id], np.stack(parts).astype(np.float16).astype(np.float32)
    )


def test_scores_are_cosines_and_sorted(index: Index):
    index.replace_files({
        "a.py": [indexed(unit(name=f"f{at}", start=at * 20)) for at in range(12)]
    })  # fmt: skip
    query = vector_of("query")
    found = index.search_vectors(query, 12)
    for one in found:
        assert one.score == pytest.approx(float(vector_of(one.unit.name) @ query), abs=2e-3)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["http"], {"getHTTPResponse"}),
        (["gethttpresponse"], {"getHTTPResponse"}),
        (["parse_json"], {"parse_json"}),
        (["json"], {"parse_json", "JsonReader"}),
        (["jsonreader", "http"], {"JsonReader", "getHTTPResponse"}),
        (["reading"], set()),  # no stemming
        (["the"], {"JsonReader"}),  # no stop words
        (["lib"], {"getHTTPResponse", "parse_json", "JsonReader"}),  # of the path
        (['"json', "AND", "(", "-", "+x", "~", "*", "json:"], set()),  # no query syntax
        (["  "], set()),
        ([], set()),
    ],
)
def test_word_search(index: Index, words: list[str], expected: set[str]):
    index.replace_files({
        "lib/a.py": [
            indexed(unit("lib/a.py", "getHTTPResponse", body="send")),
            indexed(unit("lib/a.py", "parse_json", start=50, body="read")),
            indexed(unit("lib/a.py", "JsonReader", start=90, documentation="the one")),
        ]
    })  # fmt: skip
    assert set(names(index.search_words(words, 10))) == expected


def test_the_word_that_is_rarer_counts_more(index: Index):
    common = [indexed(unit(name=f"f{at}", start=at * 20, body="shared")) for at in range(20)]
    rare = indexed(unit("b.py", "rare", body="unusual"))
    index.replace_files({"a.py": common, "b.py": [rare]})
    found = index.search_words(["shared", "unusual"], 30)
    assert names(found)[0] == "rare"
    assert len(found) == 21
    assert found[0].score > found[1].score


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("bar", ["Foo.bar", "Other::bar", "Deep.Foo#bar", "Bar"]),
        ("BAR", ["Foo.bar", "Other::bar", "Deep.Foo#bar", "Bar"]),
        ("Bar", ["Bar", "Foo.bar", "Other::bar", "Deep.Foo#bar"]),
        ("Foo.bar", ["Foo.bar", "Deep.Foo#bar"]),
        ("Foo::bar", ["Foo.bar", "Deep.Foo#bar"]),
        ("foo#bar()", ["Foo.bar", "Deep.Foo#bar"]),
        ("deep.foo.bar", ["Deep.Foo#bar"]),
        ("Oo.bar", []),
        ("ba", []),
        ("", []),
        ("'; DROP", []),
        ("operator==", ["operator=="]),
        ("save!", ["save!"]),
        ("List.push", ["List<T>.push"]),
    ],
)
def test_names(index: Index, typed: str, expected: list[str]):
    qualified = ["Foo.bar", "Other::bar", "Deep.Foo#bar", "Bar", "operator==", "save!"]
    units = [
        unit(name="Bar" if full == "Bar" else full.split(".")[-1].split("#")[-1].split("::")[-1],
             qualified_name=full, start=at * 20)
        for at, full in enumerate([*qualified, "List<T>.push"])
    ]  # fmt: skip
    index.replace_files({"a.py": [indexed(one) for one in units]})
    found = [one.unit.qualified_name for one in index.find_names(typed, 10)]
    assert sorted(found) == sorted(expected)
    if typed == "Bar":
        assert found[0] == "Bar"


def test_windows_come_last_and_names_are_limited(index: Index):
    window = unit(name="f", kind=Kind.WINDOW, start=40)
    index.replace_files({"a.py": [indexed(window)], "b.py": [indexed(unit("b.py"))]})
    assert [one.unit.kind for one in index.find_names("f", 5)] == [Kind.FUNCTION, Kind.WINDOW]
    assert len(index.find_names("f", 1)) == 1


def test_every_search_takes_filters(index: Index):
    index.replace_files({
        "src/a.py": [indexed(unit("src/a.py", body="word"))],
        "src/b.go": [indexed(unit("src/b.go", language="go", body="word", kind=Kind.METHOD))],
        "tests/c.py": [indexed(unit("tests/c.py", body="word"))],
    })  # fmt: skip
    cases = [
        (Filters(languages=("go", "rust")), {"src/b.go"}),
        (Filters(kinds=(Kind.FUNCTION,)), {"src/a.py", "tests/c.py"}),
        (Filters(paths=("src",)), {"src/a.py", "src/b.go"}),
        (Filters(paths=("src",), languages=("python",)), {"src/a.py"}),
        (Filters(exclude_paths=("tests", "*.go")), {"src/a.py"}),
        (Filters(languages=("it's",)), set()),
    ]
    for where, expected in cases:
        for found in (
            index.search_words(["word"], 10, where),
            index.search_vectors(vector_of("f"), 10, where),
            index.find_names("f", 10, where),
        ):
            assert {one.unit.path for one in found} == expected, where


@pytest.mark.parametrize(
    "path",
    [
        "it's.py",
        'a "quoted".py',
        "100%_sure.py",
        "line\nbreak\ttab.py",
        "emoji 😀/ß.py",
        "back\\slash.py",
        "latin-\udce9.py",
        "-- comment; DROP TABLE.py",
        "' OR '1'='1",
    ],
)
def test_odd_paths(index: Index, path: str):
    one = unit(path, name=path.rpartition("/")[2], body="word")
    index.replace_files({path: [indexed(one)], "other.py": [indexed(unit("other.py"))]})
    index.replace_files({path: [indexed(one)]})
    assert index.counts() == Counts(2, 2)
    assert [stored.id for stored in index.units_at(path)] == [one.id]
    assert index.search_words(["word"], 5)[0].unit.path == path
    assert list(index.vectors_of([one.id])) == [one.id]
    assert len(index.find_names(one.name, 5)) == 1
    assert path in index.paths()
    index.replace_files({path: []})
    assert index.paths() == ["other.py"]


def test_nothing_wanted_is_nothing_found(index: Index):
    index.replace_files({"a.py": [indexed(unit())]})
    assert index.search_words(["f"], 0) == index.find_names("f", 0) == []
    assert index.search_vectors(vector_of("f"), 0) == []


def test_thousands_of_files_and_words_at_once(index: Index):
    index.replace_files({f"{at}.py": [indexed(unit(f"{at}.py", body="w"))] for at in range(3000)})
    assert len(index.search_words([*map(str, range(2000)), "w"], 5000)) == 3000
    index.replace_files({f"{at}.py": [] for at in range(2999)})
    assert index.paths() == ["2999.py"]


def test_a_reader_may_not_write_and_a_closed_index_may_do_nothing(index: Index, tmp_path: Path):
    reader = open_index(tmp_path)
    for write in (lambda: reader.replace_files({"a.py": []}), lambda: reader.maintain(force=True)):
        with pytest.raises(StoreError, match="read only"):
            write()
    reader.close()
    with pytest.raises(StoreError, match="closed"):
        reader.counts()
