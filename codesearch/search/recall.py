"""Recall: each view of the index names its candidates, best first, and knows no other view.

- vector: units whose meaning is near the query's;
- words:  units that hold the query's words, by BM25;
- name:   units defined under a name that was typed;
- path:   units of the files that were typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codesearch.search.reader import Reader
from codesearch.store import Filters, Found
from codesearch.types import Kind
from codesearch.words import split_words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Candidates a view hands on: deep enough that a unit which is only fair in each of two views
# can still win, and that a file shows how many of its units answer. No text is read for them.
MIN_CANDIDATES = 200
# Definitions of one name; "get" or "main" has hundreds and they are told apart by rank.
_MAX_DEFINITIONS = 50


@dataclass(frozen=True, slots=True)
class View:
    """One view's answer: its name ("vector", "words", "name", "path") and candidates."""

    name: str
    found: tuple[Found, ...]


def depth(limit: int) -> int:
    """How many candidates a view gives for `limit` hits."""
    return max(MIN_CANDIDATES, 3 * limit)


def by_vectors(
    index: Reader, vectors: Sequence[NDArray[np.float32]], limit: int, where: Filters
) -> View:
    """Units near any of `vectors` (each of shape (dimension,)); a unit scores by its best."""
    found = (unit for vector in vectors for unit in index.search_vectors(vector, limit, where))
    return View("vector", best_of(found)[:limit])


def by_words(index: Reader, words: Sequence[str], limit: int, where: Filters) -> View:
    """Units that hold `words` (lower case, split)."""
    return View("words", tuple(index.search_words(words, limit, where)) if words else ())


def by_names(index: Reader, names: Sequence[str], where: Filters) -> View:
    """Definitions of `names`, those of the first name first. Windows define nothing."""
    found: dict[str, Found] = {}
    for name in names:
        for one in index.find_names(name, _MAX_DEFINITIONS, where):
            if one.unit.kind is not Kind.WINDOW:
                found.setdefault(one.unit.id, one)
    return View("name", tuple(found.values()))


def by_path(index: Reader, path: str, limit: int, where: Filters) -> View:
    """Units of the file or folder at the end of `path` (`search/rank.py`, `rank.py:12`)."""
    bare = path.partition(":")[0].removeprefix("./").strip("/")
    if where.paths:  # a path typed twice: the filter decides, and words do the rest
        return View("path", ())
    here = replace(where, paths=(f"**/{bare}",))
    return View("path", tuple(index.search_words(split_words(bare), limit, here)))


def best_of(found: Iterable[Found]) -> tuple[Found, ...]:
    """Each unit once, with its best score, best first."""
    best: dict[str, Found] = {}
    for one in found:
        held = best.get(one.unit.id)
        if held is None or one.score > held.score:
            best[one.unit.id] = one
    return tuple(sorted(best.values(), key=lambda one: -one.score))
