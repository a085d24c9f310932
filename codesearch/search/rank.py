"""Ranking: what is known about a candidate besides which views found it.

Two kinds of knowledge, kept apart:

- A query that is one identifier asks for its definition. Definitions of that name get whole
  points, more than fusion can give (at most 1), so they stand before everything (invariant 11).
- Adjustments take a share of the fused score for places that are seldom meant.

Each is a named part of the score, so that the parts always add up to it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from codesearch.search.fusion import Candidate
from codesearch.search.understand import Understood
from codesearch.types import Kind
from codesearch.words import split_words

if TYPE_CHECKING:
    from codesearch.store import StoredUnit

# Points for a definition of the typed name. Each is at least the 1 that fusion can give.
SAME_WORDS = 1.0  # parseConfig for parse_config
SAME_NAME = 1.0  # letter for letter, whatever the case
SAME_QUALIFIER = 1.0  # Client.send for Client.send, not Server.send
# The same case separates `Parser` from `parser`, but both were typed: less than a point.
SAME_CASE = 0.5
# Among definitions of one name, the type comes before the constructor that repeats its name.
CONSTRUCTOR = -0.1

# Shares of the fused score that are taken away.
# Tests repeat the words of what they test, more often than the code itself does.
TEST_SHARE = 0.25
# Copies of other people's code are seldom what one looks for in one's own repository.
VENDORED_SHARE = 0.4
# A window mentions things; a unit is something. Equal otherwise, the definition comes first.
WINDOW_SHARE = 0.15

_TEST_FOLDERS = frozenset({"test", "tests", "testing", "spec", "specs", "__tests__", "testdata"})
_TEST_FILE = re.compile(r"^(test_.*|.*[_.-](test|tests|spec)\.\w+|.*Tests?\.\w+|conftest\.py)$")
_TEST_WORDS = frozenset({"test", "tests", "testing", "spec", "specs", "fixture", "mock", "assert"})
_VENDORED = frozenset(
    {"vendor", "vendored", "_vendor", "third_party", "thirdparty", "external", "node_modules"}
)


def rank(candidates: Sequence[Candidate], query: Understood) -> list[Candidate]:
    """`candidates` with their last parts added, best first; equals by place in the tree."""
    for candidate in candidates:
        candidate.parts.update(_adjustments(candidate, query))
        candidate.parts.update(_definition(candidate.unit, query))
    return sorted(candidates, key=_order)


def _order(candidate: Candidate) -> tuple[float, str, int]:
    return -candidate.score, candidate.unit.path, candidate.unit.span.start_byte


def _adjustments(candidate: Candidate, query: Understood) -> dict[str, float]:
    fused, path = candidate.score, PurePosixPath(candidate.unit.path)
    parts: dict[str, float] = {}
    if not query.filters.paths:  # else the user chose the places
        if is_test(path) and not _TEST_WORDS & set(query.words):
            parts["test"] = -TEST_SHARE * fused
        if not _VENDORED.isdisjoint(path.parts[:-1]):
            parts["vendored"] = -VENDORED_SHARE * fused
    if candidate.unit.kind is Kind.WINDOW and "path" not in candidate.views:
        parts["window"] = -WINDOW_SHARE * fused
    return parts


def _definition(unit: StoredUnit, query: Understood) -> dict[str, float]:
    """Points of a definition of the name that was typed; none for any other unit."""
    name = query.name
    if name is None or unit.kind is Kind.WINDOW or _letters(unit.name) != _letters(name):
        return {}
    parts = {"definition": SAME_WORDS}
    if unit.name.casefold() == name.casefold():
        parts["same name"] = SAME_NAME
    if unit.name == name:
        parts["same case"] = SAME_CASE
    if query.qualifier and _is_within(unit, query.qualifier):
        parts["same qualifier"] = SAME_QUALIFIER
    if unit.kind is Kind.CONSTRUCTOR:
        parts["constructor"] = CONSTRUCTOR
    return parts


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


def is_test(path: PurePosixPath) -> bool:
    """Whether a file is a test by the habits of the common languages."""
    folders = {part.lower() for part in path.parts[:-1]}
    return not folders.isdisjoint(_TEST_FOLDERS) or bool(_TEST_FILE.match(path.name))
