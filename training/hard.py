"""Negatives that words alone cannot tell from the answer: the neighbours of a unit by its words."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence

from codesearch.types import Unit
from codesearch.words import split_words
from training.documentation import first_sentence

_POOL = 300  # units that are looked at for neighbours
_SAME = 0.5  # share of the words of two first sentences over which they may mean the same


def neighbours(units: Sequence[Unit], count: int, chance: random.Random) -> list[Unit]:
    """A unit and up to `count` - 1 others, those first that share the most telling words with it.

    Left out are those that may answer the same questions: of the same name, or with a first
    sentence of mostly the same words as one that was taken.
    """
    pool = chance.sample(units, min(_POOL, len(units)))
    words = [frozenset(split_words(f"{unit.name} {unit.body}")) for unit in pool]
    counts = Counter(word for some in words for word in some)

    def shared(index: int) -> float:
        weights = (math.log(len(pool) / counts[word]) for word in words[0] & words[index])
        return math.fsum(weights) / math.sqrt(len(words[index]) or 1)

    kept: list[Unit] = [pool[0]]
    for index in sorted(range(1, len(pool)), key=shared, reverse=True):
        if len(kept) == count:
            break
        if not any(_may_answer_alike(pool[index], one) for one in kept):
            kept.append(pool[index])
    return kept


def _may_answer_alike(one: Unit, other: Unit) -> bool:
    if one.name == other.name:
        return True
    left, right = (
        frozenset(split_words(first_sentence(unit.documentation))) for unit in (one, other)
    )
    return bool(left) and len(left & right) > _SAME * len(left | right)
