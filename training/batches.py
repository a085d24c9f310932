"""Batches in which neighbours are the negatives, drawn for ever from one seed."""

from __future__ import annotations

import gzip
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from codesearch.types import Unit
from training.about import About, load_about
from training.documentation import first_sentence
from training.exclusions import is_excluded
from training.files import File, file_pairs, files_of
from training.hard import neighbours
from training.harvest import sketch
from training.heldout import HELD_OUT
from training.pairs import Pair, from_record, make_pair
from training.relations import Related, behaviours, from_tests, overrides, related_pairs
from training.tested import load_tested

_FEWEST = 12  # units of a group
_ALIKE = 0.8  # share of common words over which two texts are no negatives
_KINDS = {  # shares of the batches by what they ask for
    "units": 0.35,
    "hard": 0.15,  # units whose neighbours by words are the negatives
    "files": 0.25,
    "related": 0.20,  # of one package
    "behaviours": 0.05,  # of two packages
}
_NEARBY = 0.25  # share of the others whose units stand side by side
_MOST_DRAWS = 20  # groups that fill one batch, before another language goes on with it
_FLATTEN = 0.5  # exponent on a language's size, so that small ones are seen often enough


@dataclass(frozen=True, slots=True)
class Group:
    """Units of one package in one language."""

    package: str
    language: str
    documented: tuple[Unit, ...]
    bare: tuple[Unit, ...]
    files: tuple[File, ...] = ()
    related: tuple[Related, ...] = ()


def load_groups(data: Path) -> list[Group]:
    """Everything that may be trained on, without units that two packages have in common.

    What two packages document alike, in any languages, makes one more group, of pairs alone.
    """
    seen: set[bytes] = set()
    groups: list[Group] = []
    for path in sorted((data / "units").glob("*.jsonl.gz")):
        package = path.name.removesuffix(".jsonl.gz")
        name = package.partition("+")[2].replace("+", "/")
        usable = path.with_suffix(".done").is_file() and not is_excluded(name)
        if usable and package not in HELD_OUT:
            tests = load_tested(data, package)
            groups += _groups(package, path, load_about(data, package), tests, seen)
    across = behaviours((group.package, group.documented) for group in groups)
    return [*groups, Group("", "", (), (), (), tuple(across))]


def _groups(
    package: str,
    path: Path,
    about: Sequence[About],
    tests: Sequence[tuple[Unit, Unit]],
    seen: set[bytes],
) -> list[Group]:
    by_language: dict[str, list[Unit]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            unit = from_record(json.loads(line))
            key = sketch(unit.body.split())
            if key not in seen:
                seen.add(key)
                by_language[unit.language].append(unit)
    groups = []
    for language, units in by_language.items():
        documented = [unit for unit in units if first_sentence(unit.documentation)]
        bare = [unit for unit in units if not first_sentence(unit.documentation)]
        if len(documented) >= _FEWEST:
            files = files_of(package, units, about)
            own = (pair for pair in tests if pair[1].language == language)
            related = (*overrides(units), *from_tests(own))
            groups.append(Group(package, language, tuple(documented), tuple(bare), files, related))
    return groups


def batches(groups: Sequence[Group], seed: int, size: int, start: int = 0) -> Iterator[list[Pair]]:
    """Batch number `start` and all after it; batch n depends on the seed and n alone."""
    drawers = {kind: drawer for kind in _KINDS if (drawer := _Drawer(kind, groups)).groups}
    number = start
    while True:
        chance = random.Random(seed * 1_000_003 + number)
        shares = [_KINDS[kind] for kind in drawers]
        yield chance.choices([*drawers.values()], shares)[0].batch(size, chance)
        number += 1


class _Drawer:
    """Draws batches of one kind from the groups that have any."""

    def __init__(self, kind: str, groups: Sequence[Group]) -> None:
        self._kind = kind
        self.groups = [group for group in groups if _size(group, kind)]
        sizes: dict[str, int] = defaultdict(int)
        for group in self.groups:
            sizes[group.language] += _size(group, kind)
        self._weights = [
            _size(group, kind) / sizes[group.language] * sizes[group.language] ** _FLATTEN
            for group in self.groups
        ]

    def batch(self, size: int, chance: random.Random) -> list[Pair]:
        """Pairs of one language, so that it tells nothing, and of few packages."""
        batch: list[Pair] = []
        language = None
        for _ in range(_MOST_DRAWS):
            group = self._group(language, chance)
            language = group.language
            batch += _drawn(group, self._kind, size - len(batch), chance)
            if len(batch) == size:
                return batch
        return [*batch, *self.batch(size - len(batch), chance)]  # too few in that language

    def _group(self, language: str | None, chance: random.Random) -> Group:
        if language is None:
            return chance.choices(self.groups, self._weights)[0]
        same = [index for index, one in enumerate(self.groups) if one.language == language]
        return self.groups[chance.choices(same, [self._weights[index] for index in same])[0]]


def _size(group: Group, kind: str) -> int:
    """How much a group has for batches of a kind."""
    if kind == "files":
        return len(group.files)
    if kind in {"related", "behaviours"}:
        return len(group.related) if (kind == "related") == bool(group.package) else 0
    return len(group.documented)


def _drawn(group: Group, kind: str, most: int, chance: random.Random) -> list[Pair]:
    if kind == "files":
        return file_pairs(group.files, most, chance)
    if kind in {"related", "behaviours"}:
        return related_pairs(group.related, most, chance)
    return _pairs(group, most, kind == "hard", chance)


def _pairs(group: Group, most: int, hard: bool, chance: random.Random) -> list[Pair]:
    """Pairs of `group`, most of them documented; some of the time from nearby files."""
    sample = neighbours if hard else _sample
    documented = sample(group.documented, round(most * 0.85), chance)
    bare = _sample(group.bare, most - len(documented), chance) if group.bare else []
    made = (make_pair(unit, chance) for unit in [*documented, *bare])
    return [pair for pair in made if pair is not None][:most]


def _sample(units: Sequence[Unit], count: int, chance: random.Random) -> list[Unit]:
    if len(units) <= count:
        return list(units)
    if chance.random() >= _NEARBY:
        return chance.sample(units, count)
    first = chance.randrange(len(units) - count + 1)  # neighbours: harvested file by file
    return list(units[first : first + count])


def false_negatives(pairs: Sequence[Pair]) -> list[tuple[int, int]]:
    """Positions (i, j), i < j, of the same file or with nearly the same question or document."""
    queries = [frozenset(pair.query.split()) for pair in pairs]
    documents = [frozenset(pair.document.split()) for pair in pairs]
    return [
        (i, j)
        for i in range(len(pairs))
        for j in range(i + 1, len(pairs))
        if (pairs[i].place and pairs[i].place == pairs[j].place)
        or _alike(queries[i], queries[j])
        or _alike(documents[i], documents[j])
    ]


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= _ALIKE * len(one | other)
