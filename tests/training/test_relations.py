"""Pairs of units that do the same: tests and the tested, overrides, what is documented alike."""

from __future__ import annotations

import random

import pytest

from codesearch.languages import parse
from training.batches import batches, load_groups
from training.exclusions import is_foreign, is_test
from training.hard import neighbours
from training.recoded import recoded
from training.relations import behaviours, from_tests, overrides, related_pairs
from training.tested import load_tested, matched

SHAPES = b'''
class Circle:
    def outline_length(self, scale):
        """How long the line around the whole shape is."""
        radius = self.radius * scale
        turned = 2 * pi
        return radius * turned

class Square:
    def outline_length(self, scale):
        """How long the sides are together, all four."""
        side = self.side * scale
        corners = 4
        return side * corners
'''
TEST = b"""
def test_outline_length_grows_with_scale():
    assert round_up(Circle(1).grown_edge(2)) > Circle(1).grown_edge(1)

def test_grown_edge_of_nothing_is_nothing():
    assert grown_edge(0) == 0
"""
EDGE = b'''
def grown_edge(size):
    """The edge after it has grown once more by its own size."""
    grown = size + size
    rounded = round(grown)
    return rounded
'''


def units(path, code):
    return [unit for unit in parse(path, code).units if unit.name]


def test_methods_of_one_name_in_two_types_are_overrides():
    (found,) = overrides(units("shapes.py", SHAPES))
    assert {found.one.qualified_name, found.other.qualified_name} == {
        "Circle.outline_length",
        "Square.outline_length",
    }


OTHER_EDGE = b"""
function edgeGrown(width) {
  /* unlike the first one */
  const more = width * 2;
  log.debug("widened", more);
  return Math.floor(more);
}
"""


def test_what_two_packages_do_under_one_name_is_the_same_behaviour():
    said = b"/** Grows the edge once more. */"
    own, others = units("a.py", EDGE), units("b.js", said + OTHER_EDGE)
    (found,) = behaviours([("pypi+a", own), ("npm+b", others)])
    assert (found.one.name, found.other.name) == ("grown_edge", "edgeGrown")
    assert not list(behaviours([("pypi+a", [*own, *others])]))  # one package
    assert not list(behaviours([("pypi+a", own), ("pypi+b", own)]))  # a copy
    unlike = units("b.js", b"/** Tells who may come in. */" + OTHER_EDGE)
    assert not list(behaviours([("pypi+a", own), ("npm+b", unlike)]))


def test_a_test_belongs_to_what_it_names_and_calls():
    found = list(matched(iter(units("test_a.py", TEST)), units("a.py", EDGE)))
    assert [(test.name, unit.name) for test, unit in found] == [
        ("test_grown_edge_of_nothing_is_nothing", "grown_edge")
    ]


def test_related_units_ask_by_code_or_by_the_words_of_a_test():
    chance = random.Random(2)
    pairs = list(matched(iter(units("test_a.py", TEST)), units("a.py", EDGE)))
    made = [related_pairs(list(from_tests(pairs)), 1, chance)[0] for _ in range(20)]
    assert "grown edge of nothing is nothing" in {pair.query for pair in made}
    assert all("rounded" in pair.document for pair in made)
    found = list(overrides(units("shapes.py", SHAPES)))
    made = [related_pairs(found, 1, chance)[0] for _ in range(20)]
    assert not any("how long" in pair.query for pair in made)
    assert any("outline length" not in pair.query for pair in made)  # the name does not tell


def test_tests_are_collected_for_what_was_harvested(corpus):
    found = load_tested(corpus, "pypi+sample")
    assert ("test_load_rows_of_a_table", "load_rows") in {
        (test.name, unit.name) for test, unit in found
    }
    assert load_tested(corpus, "pypi+unknown") == []


@pytest.mark.parametrize("path", ["tests/a.py", "pkg/table_test.go", "src/TableTests.cs"])
def test_tests_are_known_by_their_paths(path):
    assert is_test(path)
    assert is_foreign(path)
    assert not is_test(f"vendor/x/{path}")


def test_hard_negatives_share_words_and_not_the_answer():
    code = "\n".join(
        f'def {verb}_rows_of_table(rows):\n    """{said} all of it at once."""\n'
        f"    table = open_table(rows)\n    return table.{verb}(rows)\n"
        for verb, said in (("read", "Reads what is kept"), ("write", "Puts new things down"))
    )
    others = "\n".join(
        f'def other{n}(x):\n    """Something quite different, number {n}."""\n    return x + {n}\n'
        for n in range(12)
    )
    pool = units("rows.py", f"{code}\n{others}".encode())
    names = [[unit.name for unit in neighbours(pool, 3, random.Random(seed))] for seed in range(30)]
    found = [some[:2] for some in names if some[0].endswith("_rows_of_table")]
    assert found
    assert all(second.endswith("_rows_of_table") for _, second in found)
    assert not any(len(set(some)) < len(some) for some in names)


@pytest.mark.parametrize(
    ("line", "other"),
    [
        ("  for (i = 0; i < n; i++) {", "while ( i < n)"),
        ("  while (more) {", "for (; more; )"),
        ("    for row in range(most):", "while row < most:"),
        ("  count++;", "count += 1;"),
        ("  total += price", "total = total + price"),
    ],
)
def test_loops_and_steps_are_said_otherwise(line, other):
    made = {recoded(["head", line], random.Random(seed)) for seed in range(60)}
    assert any(other in one for one in made)
    assert any(line in one for one in made)


def test_batches_of_related_units_are_drawn(corpus):
    stream = batches(load_groups(corpus), 7, 8)
    objectives = {pair.objective for _ in range(40) for pair in next(stream)}
    assert {"override", "test"} & objectives
