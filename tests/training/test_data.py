"""From packages to pairs."""

from __future__ import annotations

import json
import random
from itertools import islice

import pytest

from codesearch.languages import parse
from training.batches import batches, false_negatives, load_groups
from training.count import count
from training.documentation import first_sentence, undocumented
from training.exclusions import is_excluded, is_foreign
from training.harvest import sketch, to_record
from training.licences import licence_of
from training.pairs import (
    Pair,
    code_to_code,
    comment_to_block,
    document,
    documentation_to_code,
    from_record,
    masked,
    name_to_body,
)
from training.stored import stored

CODE = '''
def load_table(path, limit):
    """Read the rows of a table from disk.

    At most `limit` of them.
    """
    rows = []
    count = 0
    # keep only the rows that have a value
    for row in open(path):
        count = count + 1
        rows.append(row)

    return rows[:limit]
'''


@pytest.fixture
def unit():
    return next(one for one in parse("pkg/tables.py", CODE.encode()).units if one.name)


def test_the_manifest_says_what_was_used_and_what_was_not(corpus):
    rows = [json.loads(line) for line in (corpus / "manifest.jsonl").read_text().splitlines()]
    by_name = {row["package"]: row for row in rows}
    assert by_name["sample"]["licence"] == "MIT"
    assert by_name["sample"]["units"]["python"] > 100
    assert by_name["unfree"] | {"pairs": 0} == {
        "registry": "npm",
        "package": "unfree",
        "version": "unfree-2.0.0",
        "licence": "not used",
        "units": {},
        "pairs": 0,
    }


def test_pairs_are_counted_by_package_and_objective(corpus):
    found = count(corpus)
    assert {"documentation", "name", "code", "test", "path"} <= found.keys()
    rows = [json.loads(line) for line in (corpus / "manifest.jsonl").read_text().splitlines()]
    assert {row["package"]: row["pairs"] for row in rows} == {
        "sample": found.total() - found["behaviour"],
        "unfree": 0,
    }


def test_units_survive_being_written(unit):
    again = from_record(json.loads(json.dumps(to_record(unit))))
    assert document(again) == document(unit)


def test_documentation_leaves_no_trace(unit):
    bare = undocumented(unit)
    assert "Read the rows" not in bare.body
    assert "At most" not in bare.body
    assert "rows.append(row)" in bare.body
    assert undocumented(bare) == bare


def test_a_first_sentence_is_plain_english_or_nothing():
    assert first_sentence("Read <b>all</b> of the `rows`. More.") == "Read all of the rows"
    assert first_sentence("@param x the thing that is read") == ""
    assert first_sentence("TODO: make this work for everybody") == ""
    assert first_sentence("Liest die Größe aller Zeilen") == ""
    assert first_sentence("Too short") == ""


def test_the_name_can_be_masked_everywhere(unit):
    assert "load" not in document(masked(unit)).split()


def test_objectives_hide_their_answer(unit):
    chance = random.Random(1)
    question, code = documentation_to_code(unit, chance)
    assert question.startswith("read the rows")
    assert "read the rows" not in code
    question, code = name_to_body(unit, chance)
    assert "load table" in question
    assert "load table" not in code
    changed, code = code_to_code(unit, chance)
    assert "keep only" not in changed
    assert changed != code
    question, block = comment_to_block(unit, chance)
    assert question == "keep only the rows that have a value"
    assert "append" in block
    assert "return" not in block


def test_batches_depend_on_the_seed_and_their_number_alone(corpus):
    groups = load_groups(corpus)
    first = list(islice(batches(groups, 5, 8), 4))
    assert list(islice(batches(groups, 5, 8, start=2), 2)) == first[2:]
    assert all(len(batch) == 8 for batch in first)


def test_stored_batches_go_on_from_any_number_and_start_again(corpus):
    every = list(islice(stored(corpus), 12))
    assert every[:6] == every[6:]
    assert next(stored(corpus, 4)) == every[4]


def test_texts_that_mean_the_same_are_no_negatives():
    pairs = [
        Pair("read all rows of a table", "one two three", "documentation"),
        Pair("read all the rows of a table", "four five six", "documentation"),
        Pair("close the file", "seven eight nine", "documentation"),
    ]
    assert false_negatives(pairs) == [(0, 1)]


def test_near_duplicates_have_the_same_sketch():
    words = [f"word{number}" for number in range(200)]
    other = [f"other{number}" for number in range(200)]
    assert sketch(words) == sketch([*words])
    assert sketch(words) != sketch(other)


@pytest.mark.parametrize("name", ["pallets/flask", "flask", "pydantic", "TheAlgorithms/Go"])
def test_evaluation_repositories_are_never_trained_on(name):
    assert is_excluded(name)
    assert not is_excluded("networkx")


@pytest.mark.parametrize(
    "path", ["a/_vendor/b.py", "third_party/x.c", "tests/a.py", "src/test_a.py", "a.min.js"]
)
def test_copies_and_tests_are_left_out(path):
    assert is_foreign(path)
    assert not is_foreign("src/latest/contest.py")


def test_licences_are_known_by_their_words():
    assert licence_of("License: MIT") == "MIT"
    assert licence_of("Apache License\n   Version 2.0, January 2004") == "Apache-2.0"
    assert licence_of("GNU General Public License, and also the MIT License") == ""
    assert licence_of("All rights reserved.") == ""
