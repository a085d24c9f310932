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
from training.harvest import sketch
from training.heldout import HELD_OUT
from training.pairs import Pair, from_record, make_pair

_FEWEST = 12  # units of a group
_ALIKE = 0.8  # share of common words over which two texts are no negatives
_OF_FILES = 0.5  # share of the batches that ask for files
_NEARBY = 0.25  # share of the others whose units stand side by side
_FLATTEN = 0.5  # exponent on a language's size, so that small ones are seen often enough


@dataclass(frozen=True, slots=True)
class Group:
    """Units of one package in one language."""

    package: str
    language: str
    documented: tuple[Unit, ...]
    bare: tuple[Unit, ...]
    files: tuple[File, ...] = ()


def load_groups(data: Path) -> list[Group]:
    """Everything that may be trained on, without units that two packages have in common."""
    seen: set[bytes] = set()
    groups = []
    for path in sorted((data / "units").glob("*.jsonl.gz")):
        package = path.name.removesuffix(".jsonl.gz")
        name = package.partition("+")[2].replace("+", "/")
        usable = path.with_suffix(".done").is_file() and not is_excluded(name)
        if usable and package not in HELD_OUT:
            groups += _groups(package, path, load_about(data, package), seen)
    return groups


def _groups(package: str, path: Path, about: Sequence[About], seen: set[bytes]) -> list[Group]:
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
            groups.append(Group(package, language, tuple(documented), tuple(bare), files))
    return groups


def batches(groups: Sequence[Group], seed: int, size: int, start: int = 0) -> Iterator[list[Pair]]:
    """Batch number `start` and all after it; batch n depends on the seed and n alone."""
    weights = _weights(groups)
    number = start
    while True:
        chance = random.Random(seed * 1_000_003 + number)
        batch: list[Pair] = []
        language = None
        of_files = chance.random() < _OF_FILES
        while len(batch) < size:
            group = _draw(groups, weights, language, chance)
            language = group.language
            most = size - len(batch)
            made = file_pairs(group.files, most, chance) if of_files else []
            batch += made or _pairs(group, most, chance)
        yield batch
        number += 1


def _weights(groups: Sequence[Group]) -> list[float]:
    sizes: dict[str, int] = defaultdict(int)
    for group in groups:
        sizes[group.language] += len(group.documented)
    return [
        len(group.documented) / sizes[group.language] * sizes[group.language] ** _FLATTEN
        for group in groups
    ]


def _draw(
    groups: Sequence[Group], weights: Sequence[float], language: str | None, chance: random.Random
) -> Group:
    """A group; after the first, of the batch's language, so that it tells nothing."""
    if language is None:
        return chance.choices(groups, weights)[0]
    same = [index for index, group in enumerate(groups) if group.language == language]
    return groups[chance.choices(same, [weights[index] for index in same])[0]]


def _pairs(group: Group, most: int, chance: random.Random) -> list[Pair]:
    """Pairs of `group`, most of them documented; some of the time from nearby files."""
    documented = _sample(group.documented, round(most * 0.85), chance)
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
