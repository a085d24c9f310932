"""Tests beside what they test: units of test files, and the unit of the package that they name."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from codesearch.languages import LANGUAGES, language_of, parse
from codesearch.types import Kind, Unit
from codesearch.words import split_words
from training.harvest import to_record
from training.pairs import from_record
from training.sources import count_in_each, open_package, packages

_MOST_FILES = 400  # of tests, of one package
_MOST_TESTS = 3  # of one unit
_LONGEST = 6_000  # characters of a test; more is a table
_FEWEST_LETTERS = 5  # of a name that one word makes: shorter ones are in every test
_FUNCTIONS = {Kind.FUNCTION, Kind.METHOD}
_ABOUT_TESTS = frozenset("test tests testing spec should check case it describe".split())


def collect(downloads: Path, mirrors: Path, data: Path, *, jobs: int = 2) -> Counter[str]:
    """Write `data/tested/PACKAGE.jsonl.gz` for what was harvested; return counts by language."""
    (data / "tested").mkdir(exist_ok=True)
    return count_in_each(_package, packages(downloads, mirrors), data, jobs)


def load_tested(data: Path, package: str) -> list[tuple[Unit, Unit]]:
    """What `collect` found for `package`: a test and what it tests; nothing if it did not run."""
    path = data / "tested" / f"{package}.jsonl.gz"
    if not path.is_file():
        return []
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    return [(from_record(row["test"]), from_record(row["tested"])) for row in rows]


def _package(registry: str, name: str, place: Path, data: Path) -> Counter[str]:
    package = f"{registry}+{name.replace('/', '+')}.jsonl.gz"
    target = data / "tested" / package
    if target.is_file() or not (data / "units" / package).is_file():
        return Counter()
    with gzip.open(data / "units" / package, "rt", encoding="utf-8") as stream:
        units = [from_record(json.loads(line)) for line in stream]
    opened = open_package(registry, name, place)
    found = list(matched(_tests(opened.tests[:_MOST_FILES], opened.read), units))
    with gzip.open(target, "wt", encoding="utf-8") as stream:
        for test, tested in found:
            row = {"test": to_record(test), "tested": to_record(tested)}
            stream.write(json.dumps(row) + "\n")
    return Counter(test.language for test, _ in found)


def _tests(paths: Sequence[str], read: object) -> Iterator[Unit]:
    """The functions of test files that are short enough to say what they are about."""
    assert callable(read)
    for path in paths:
        if language_of(path) in LANGUAGES:
            for unit in parse(path, read(path)).units:
                if unit.kind in _FUNCTIONS and len(unit.body) <= _LONGEST:
                    yield unit


def matched(tests: Iterator[Unit], units: Sequence[Unit]) -> Iterator[tuple[Unit, Unit]]:
    """Each test that names exactly one unit of its language, by its own name and in its body."""
    named = {
        language: _by_name([unit for unit in units if unit.language == language])
        for language in {unit.language for unit in units}
    }
    taken: Counter[tuple[str, str]] = Counter()
    for test in tests:
        tested = _tested(test, named.get(test.language, {}))
        if tested is None:
            continue
        key = (tested.path, tested.qualified_name)
        taken[key] += 1
        if taken[key] <= _MOST_TESTS:
            yield test, tested


def _by_name(units: Sequence[Unit]) -> dict[str, Unit]:
    """Functions whose name says enough and that no other has."""
    counts = Counter(unit.name for unit in units)
    return {
        unit.name: unit
        for unit in units
        if unit.kind in _FUNCTIONS and counts[unit.name] == 1 and _is_telling(unit.name)
    }


def _is_telling(name: str) -> bool:
    return len(split_words(name)) > 1 or len(name) >= _FEWEST_LETTERS


def _tested(test: Unit, named: Mapping[str, Unit]) -> Unit | None:
    """The unit whose name is the longest in the test's name, and which the test calls."""
    words = [word for word in split_words(test.name) if word not in _ABOUT_TESTS]
    if not words:
        return None
    called = {name for name in re.findall(r"\w+", test.body) if name in named}
    inside = [name for name in called if _runs_in(split_words(name), words)]
    best = max(inside, key=lambda name: (len(split_words(name)), name), default=None)
    return named[best] if best else None


def _runs_in(part: Sequence[str], words: Sequence[str]) -> bool:
    """Whether `part` stands in `words` in one piece."""
    size = len(part)
    return any(list(words[at : at + size]) == list(part) for at in range(len(words) - size + 1))
