"""Near-duplicates: functions that are the same code but for names, literals and some lines.

Their tokens are laid beside one another (`traits.tokens_of`), and the share that both have in the
same order tells how near they are: 1 is the same code under other names. That needs no scale and no
other candidates to compare with, so one threshold means the same in every repository. How it was
chosen is told in docs/search.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from codesearch.search import recall
from codesearch.search.fusion import Candidate
from codesearch.search.origin import Origin
from codesearch.search.places import is_test
from codesearch.search.reader import Reader
from codesearch.search.similar import MAX_VECTORS, reader_of
from codesearch.search.snippets import Texts
from codesearch.search.traits import tokens_of
from codesearch.store import Filters
from codesearch.types import Kind, Unit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FUNCTIONS = (Kind.FUNCTION, Kind.METHOD, Kind.CONSTRUCTOR)
# Shorter functions are alike because there is only one way to write them.
_LEAST_TOKENS = 60
# The nearest by meaning that are compared. Of all near-duplicates in nine repositories, 98.5 % are
# among them, and some of every function that has any.
_DEPTH = 50


def copies_of(
    origin: Origin,
    index: Reader,
    vectors: Sequence[NDArray[np.float32]],
    *,
    texts: Texts,
    least: float,
    where: Filters,
) -> list[Candidate]:
    """Functions that share at least `least` (0 to 1) of their tokens with `origin`, best first.

    None for what is too short to tell, and none in tests, which repeat one another on purpose.
    `vectors` are those of the origin, each of shape (dimension,); without them nothing is found.
    """
    own = tokens_of(origin.text)
    if len(own) < _LEAST_TOKENS:
        return []
    read = reader_of(texts)
    functions = replace(where, kinds=where.kinds or _FUNCTIONS)
    near = recall.by_vectors(index, vectors[:MAX_VECTORS], _DEPTH, functions)
    found = []
    for unit in (one.unit for one in near.found):
        if is_test(unit.path) or origin.covers(unit.path, unit.span):
            continue
        if origin.is_comparable(unit.language):
            share = share_in_order(own, tokens_of(read(unit.path, unit.span)), least)
            if share >= least:
                found.append(Candidate(unit, {"copy": share}, (near.name,)))
    return sorted(found, key=lambda one: (-one.score, one.unit.path, one.unit.span.start_byte))


def suspects(path: str, units: Iterable[Unit], source: bytes) -> list[Unit]:
    """The functions of a file that are worth comparing, those around others first."""
    if is_test(path):
        return []
    functions = [unit for unit in units if unit.kind in _FUNCTIONS]
    long = [unit for unit in functions if len(tokens_of(_text(unit, source))) >= _LEAST_TOKENS]
    return sorted(long, key=lambda unit: (unit.span.start_byte, -unit.span.end_byte))


def share_in_order(one: Sequence[str], other: Sequence[str], least: float = 0.0) -> float:
    """Twice the tokens that two rows have in common in the same order, of all tokens of both.

    0 where the lengths alone keep it under `least`.
    """
    total = len(one) + len(other)
    if total == 0 or 2 * min(len(one), len(other)) < least * total:
        return 0.0
    return 2 * _longest_common(one, other) / total


def _longest_common(one: Sequence[str], other: Sequence[str]) -> int:
    """The length of the longest common subsequence; Hyyrö's row of bits (2004).

    Bit i of `row` is unset where the common part grows at token i of `one`.
    """
    places: defaultdict[str, int] = defaultdict(int)
    for at, token in enumerate(one):
        places[token] |= 1 << at
    full = row = (1 << len(one)) - 1
    for token in other:
        held = row & places[token]
        row = (row + held | row - held) & full
    return len(one) - row.bit_count()


def _text(unit: Unit, source: bytes) -> str:
    start = unit.span.start_byte - unit.span.start_column
    return source[start : unit.span.end_byte].decode("utf-8", errors="replace")
