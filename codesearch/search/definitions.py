"""Definitions of the name that was typed: they stand before everything else (invariant 11)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from codesearch.search.understand import Understood
from codesearch.types import Kind
from codesearch.words import split_words

if TYPE_CHECKING:
    from codesearch.store import StoredUnit

# More than all other stages give together (tests/search holds them to it), so that each of the
# first three decides before anything else does, and they among themselves by their number.
POINTS = 6.0
SAME_WORDS = POINTS  # parseConfig for parse_config
SAME_NAME = POINTS  # letter for letter, whatever the case
SAME_QUALIFIER = POINTS  # Client.send for Client.send, not Server.send
# The same case separates `Parser` from `parser`, but both were typed.
SAME_CASE = POINTS / 2
# `Foo.bar` where another unit is `Other.Foo.bar`; less than the same case.
WHOLE_NAME = POINTS / 4
# The same, letter for letter and case for case: not `bar` in a file `foo`.
EXACTLY = POINTS
# Among definitions of one name, the type comes before the constructor that repeats its name.
CONSTRUCTOR = -0.3


def definition_points(unit: StoredUnit, query: Understood) -> dict[str, float]:
    """Points of a definition of the name that was typed; none for any other unit."""
    if unit.kind is Kind.WINDOW:
        return {}
    whole = _is_whole(query.literal, unit)
    name = unit.name if whole else query.name
    if name is None or _letters(unit.name) != _letters(name):
        return {}
    parts = {"definition": SAME_WORDS}
    if unit.name.casefold() == name.casefold():
        parts["same name"] = SAME_NAME
    if query.literal.endswith(unit.name):
        parts["same case"] = SAME_CASE
    if whole or (query.qualifier and _is_within(unit, query.qualifier)):
        parts["same qualifier"] = SAME_QUALIFIER
    if whole and query.literal.casefold() == unit.qualified_name.casefold():
        exactly = query.qualifier and query.literal == unit.qualified_name
        parts["whole name"] = EXACTLY if exactly else WHOLE_NAME
    if unit.kind is Kind.CONSTRUCTOR:
        parts["constructor"] = CONSTRUCTOR
    return parts


def _is_whole(typed: str, unit: StoredUnit) -> bool:
    """Whether just this unit's name was typed, simple or qualified, whatever characters it has."""
    return bool(typed) and typed.casefold() in (
        unit.name.casefold(),
        unit.qualified_name.casefold(),
    )


@lru_cache(maxsize=1 << 13)  # names recur from question to question
def _letters(name: str) -> str:
    """A name without what its spelling adds; a name of nothing else stays as it is."""
    return "".join(split_words(name)) or name


def _is_within(unit: StoredUnit, qualifier: Sequence[str]) -> bool:
    """Whether the unit's own path of names, or its file's, ends with what was typed before it."""
    typed = [word for part in qualifier for word in split_words(part)]
    own = split_words(unit.qualified_name)
    own = own[: len(own) - len(split_words(unit.name))]
    file = split_words(str(PurePosixPath(unit.path).with_suffix("")))
    return any(names[-len(typed) :] == typed for names in (own, file, [*file, *own]))
