"""Held-out pairs: functions that a repository itself says are alike. No labels by hand.

- siblings: methods of one name in types that share a base, trait, interface or behaviour; once
            in other files, and once anywhere, since a rule that only pushes a file's own functions
            back would look good otherwise;
- twins:    a function and its asynchronous form; functions of one name in several files, as for
            several platforms;
- same documentation: functions in different files; what is asked goes without it;
- same algorithm: functions of one name in several languages.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from benchmarks.similar.corpus import Corpus, owner
from codesearch.types import Kind, Unit
from codesearch.words import split_words

# Groups of more are a convention (`toString`), and any of them would do.
_MOST_PARTNERS = 40
_LEAST_DOC_WORDS = 5
_ASYNC = re.compile(r"^async_|_async$|^a?sync(?=[A-Z])|Async$|^Async")
_UNSURE = frozenset({"main", "init", "setup", "new", "test", "usage", "run"})

ANYWHERE = "siblings anywhere"


@dataclass(frozen=True, slots=True)
class Case:
    """One function, and those that should be found from it: in other files, and in its own."""

    rule: str
    origin: Unit
    others: tuple[Unit, ...]
    beside: tuple[Unit, ...]  # not counted, neither for nor against


def cases(corpus: Corpus, most: int) -> list[Case]:
    """At most `most` cases of each rule, the same ones each time."""
    found = []
    for rule, partners_of in RULES.items():
        every = list(_cases(rule, corpus, partners_of(corpus)))
        random.Random(f"{corpus.name} {rule}").shuffle(every)
        found += sorted(every[:most], key=lambda case: case.origin.id)
    return found


def _cases(rule: str, corpus: Corpus, groups: Iterable[Iterable[Unit]]) -> Iterator[Case]:
    partners: dict[str, dict[str, Unit]] = defaultdict(dict)
    units = {unit.id: unit for unit in corpus.functions}
    for group in groups:
        members = {unit.id: unit for unit in group}
        for unit_id in members:
            partners[unit_id] |= members
    for unit_id, members in partners.items():
        origin = units[unit_id]
        rest = [unit for unit in members.values() if unit.id != unit_id]
        is_anywhere = rule == ANYWHERE
        others = tuple(unit for unit in rest if is_anywhere or unit.path != origin.path)
        beside = tuple(unit for unit in rest if unit not in others)
        if others and len(rest) <= _MOST_PARTNERS:
            yield Case(rule, origin, others, beside)


def _siblings(corpus: Corpus) -> Iterable[list[Unit]]:
    def keys(unit: Unit) -> Iterable[str]:
        return (f"{base} {unit.name}" for base in corpus.bases_of(unit))

    return _grouped(corpus.functions, keys)


def _async_twins(corpus: Corpus) -> Iterable[list[Unit]]:
    """`Query` and `QueryAsync` of one type or module, or of types that differ by it."""

    def keys(unit: Unit) -> Iterable[str]:
        place = owner(unit) if unit.kind is Kind.METHOD else ""
        yield f"{_sync(place)} {_sync(unit.name)}"

    for group in _grouped(corpus.functions, keys):
        forms = {unit.qualified_name for unit in group}
        if len(forms) > 1 and any(_ASYNC.search(unit.name) for unit in group):
            yield group


def _namesakes(corpus: Corpus) -> Iterable[list[Unit]]:
    """One function for several platforms: one name, several files, no type that holds it."""

    def keys(unit: Unit) -> Iterable[str]:
        if unit.kind is Kind.FUNCTION and owner(unit) == "" and unit.name not in _UNSURE:
            yield f"{unit.language} {unit.name}"

    return _grouped(corpus.functions, keys)


def _documented(corpus: Corpus) -> Iterable[list[Unit]]:
    def keys(unit: Unit) -> Iterable[str]:
        words = split_words(unit.documentation.strip().partition("\n\n")[0])
        if len(words) >= _LEAST_DOC_WORDS:
            yield " ".join(words)

    return _grouped(corpus.functions, keys)


def _algorithms(corpus: Corpus) -> Iterable[list[Unit]]:
    """One name in several languages, however it is written; the same language does not count."""

    def keys(unit: Unit) -> Iterable[str]:
        if len(words := split_words(unit.name)) > 1:
            yield " ".join(words)

    for group in _grouped(corpus.functions, keys):
        first = {unit.language: unit for unit in reversed(group)}
        if len(first) > 1:
            yield list(first.values())


def _grouped(units: Iterable[Unit], keys: Callable[[Unit], Iterable[str]]) -> Iterable[list[Unit]]:
    groups: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        for key in keys(unit):
            groups[key].append(unit)
    return [group for group in groups.values() if len(group) > 1]


def _sync(name: str) -> str:
    return _ASYNC.sub("", name).casefold()


RULES: Mapping[str, Callable[[Corpus], Iterable[list[Unit]]]] = {
    "siblings": _siblings,
    ANYWHERE: _siblings,
    "asynchronous twins": _async_twins,
    "namesakes": _namesakes,
    "same documentation": _documented,
    "same algorithm": _algorithms,
}
