"""Recall: each view of the index names its candidates, best first, and knows no other view.

- vector: units whose meaning is near the query's;
- words:  units that hold the query's words, by BM25;
- name:   units defined under a name that was typed;
- near:   units defined under a name that is nearly the one that was typed;
- path:   units of the files that were typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from threading import Event
from typing import TYPE_CHECKING

from codesearch.search.cancel import check
from codesearch.search.near import near_names
from codesearch.search.reader import Reader
from codesearch.search.stages import Stages
from codesearch.search.understand import QueryKind, Understood
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
# As many questions as are searched for at once.
_WORD_THREADS = 4
# What was meant is nearly always the nearest, and else one of the next.
_MAX_NEAR_NAMES = 20


@dataclass(frozen=True, slots=True)
class View:
    """One view's answer: its name ("vector", "words", "name", "near", "path") and candidates."""

    name: str
    found: tuple[Found, ...]


def depth(limit: int) -> int:
    """How many candidates a view gives for `limit` hits."""
    return max(MIN_CANDIDATES, 3 * limit)


def every_view(
    index: Reader,
    asked: Understood,
    vectors: Sequence[NDArray[np.float32]],
    stages: Stages,
    stop: Event | None,
    *,
    words: Future[View] | None = None,
) -> list[View]:
    """Every view's candidates for the query; `words` are those of `begin_words`, if they are asked.

    The others come one after the other: each takes a few milliseconds, and two threads of one
    interpreter that want to go on at once wait longer for each other than that.
    """
    limit, where = depth(asked.limit), asked.filters
    views = [by_names(index, asked.to_look_up if stages.names else (), where)]
    if stages.names and asked.name and not views[0].found:
        views.append(by_near_names(index, asked.name, where))
    if asked.kind is QueryKind.PATH:
        views.append(by_path(index, asked.text, limit, where))
    check(stop)
    wanted = asked.words if stages.words else ()
    views.append(words.result() if words else by_words(index, wanted, limit, where))
    check(stop)
    return [*views, by_vectors(index, vectors if stages.vectors else (), limit, where)]


def begin_words(index: Reader, asked: Understood, stages: Stages) -> Future[View]:
    """The view of words, searched on a thread while the caller encodes the question.

    Both are work outside the interpreter, so they do not wait for each other.
    """
    words = asked.words if stages.words else ()
    return _threads().submit(by_words, index, words, depth(asked.limit), asked.filters)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_WORD_THREADS, "words")


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


def by_near_names(index: Reader, typed: str, where: Filters) -> View:
    """Definitions of the names that are nearly `typed`, with how near they are."""
    found = (
        Found(one.unit, closeness)
        for name, closeness in near_names(typed, index.names(), _MAX_NEAR_NAMES)
        for one in index.find_names(name, _MAX_DEFINITIONS, where)
        if one.unit.kind is not Kind.WINDOW
    )
    return View("near", best_of(found)[:_MAX_DEFINITIONS])


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
