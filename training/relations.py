"""Two units that do the same: overrides, what two packages document alike, tests and the tested.

Those without their documentation ask by code, so that code finds code whose names differ.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from codesearch.types import Kind, Unit
from codesearch.words import split_words
from training.documentation import first_sentence, undocumented
from training.pairs import STOP_WORDS, Pair, document, masked

_FUNCTIONS = {Kind.FUNCTION, Kind.METHOD}
_FEWEST_LINES = 3  # of a body, or it says too little
_SHARED = (0.2, 0.8)  # of the words of two overrides; fewer: unrelated, more: a copy
_SAID = 0.25  # share of the words of two first sentences, stop words aside, that both have
_MOST_OVERRIDES = 8  # of one name in a package: some are everywhere
_TEST_WORDS = frozenset({"test", "tests", "should"})


@dataclass(frozen=True, slots=True)
class Related:
    """Two units of which one finds the other; those of the same `place` are no negatives."""

    objective: str
    one: Unit
    other: Unit
    place: str


def overrides(units: Sequence[Unit]) -> Iterator[Related]:
    """Methods of one package with the same name in several types, that do similar things."""
    by_name: dict[tuple[str, str], list[Unit]] = defaultdict(list)
    for unit in units:
        if unit.kind is Kind.METHOD and _is_long_enough(unit):
            by_name[unit.language, unit.name].append(unit)
    for (_, name), same in by_name.items():
        for one, other in pairwise(same[: _MOST_OVERRIDES + 1]):
            if one.qualified_name != other.qualified_name and _similar(one, other):
                yield Related("override", one, other, f"override:{name}")


def from_tests(pairs: Iterable[tuple[Unit, Unit]]) -> Iterator[Related]:
    """Tests and what they test."""
    for test, unit in pairs:
        yield Related("test", test, unit, f"test:{unit.path}:{unit.qualified_name}")


def behaviours(packages: Iterable[tuple[str, Sequence[Unit]]]) -> Iterator[Related]:
    """Functions of different packages, in any languages, of one name and similar documentation."""
    by_name: dict[frozenset[str], dict[str, Unit]] = defaultdict(dict)
    for package, units in packages:
        for unit in units:
            words = frozenset(split_words(unit.name))
            if unit.kind in _FUNCTIONS and len(words) > 1 and _is_long_enough(unit):
                by_name[words][package] = unit  # one of each package
    for words, same in by_name.items():
        for one, other in pairwise(same.values()):
            if _say_alike(one, other) and _shared(one, other) <= _SHARED[1]:
                yield Related("behaviour", one, other, f"behaviour:{' '.join(sorted(words))}")


def _say_alike(one: Unit, other: Unit) -> bool:
    left, right = (
        frozenset(split_words(first_sentence(unit.documentation))) - STOP_WORDS
        for unit in (one, other)
    )
    return len(left & right) >= _SAID * max(1, len(left | right))


def related_pairs(related: Sequence[Related], most: int, chance: random.Random) -> list[Pair]:
    """At most `most` pairs, all of one objective."""
    counts = Counter(one.objective for one in related)
    objective = chance.choice(sorted(counts))
    same = [one for one in related if one.objective == objective]
    chosen = chance.sample(same, min(most, len(same)))
    made = (_pair(one, chance) for one in chosen)
    return [pair for pair in made if len(pair.query.split()) >= 2]


def _pair(related: Related, chance: random.Random) -> Pair:
    one, other = related.one, related.other
    if chance.random() < 0.5:
        other = undocumented(other)
    if related.objective == "test":
        question = _test_question(one, other, chance)
        return Pair(question, document(other), "test", related.place)
    if related.objective == "behaviour":  # the documentation would tell all
        other = undocumented(other)
    one = undocumented(one)
    if chance.random() < 0.5:
        one, other = masked(one), masked(other)
    asking = replace(one, path="x", qualified_name=one.name)
    return Pair(document(asking), document(other), related.objective, related.place)


def _test_question(test: Unit, unit: Unit, chance: random.Random) -> str:
    """The words of the test's name, or its code without the name of what it tests."""
    if chance.random() < 0.5:
        return " ".join(word for word in split_words(test.name) if word not in _TEST_WORDS)
    bare = masked(replace(undocumented(test), name=unit.name, qualified_name=unit.name))
    return document(replace(bare, path="x"))


def _is_long_enough(unit: Unit) -> bool:
    return len(undocumented(unit).body.splitlines()) > _FEWEST_LINES


def _similar(one: Unit, other: Unit) -> bool:
    least, most = _SHARED
    return least <= _shared(one, other) <= most


def _shared(one: Unit, other: Unit) -> float:
    """The share of the words of two bodies that both have."""
    left, right = (frozenset(split_words(undocumented(unit).body)) for unit in (one, other))
    return len(left & right) / max(1, len(left | right))
