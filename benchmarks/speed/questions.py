"""Questions of all kinds about a repository, none of them asked twice."""

from __future__ import annotations

import random
from collections.abc import Sequence

from codesearch.words import split_words

_SEED = 5


def questions(names: Sequence[str], count: int, seed: int = _SEED) -> list[str]:
    """`count` questions, made of names that the repository defines."""
    chance = random.Random(seed)
    usable = sorted({name for name in names if name.isidentifier() and len(name) > 5})
    asked: dict[str, None] = {}
    while len(asked) < count:
        first, second = chance.choice(usable), chance.choice(usable)
        for kind in _kinds(first, second, chance):
            asked[kind] = None
    return list(asked)[:count]


def sentences(names: Sequence[str], count: int) -> list[str]:
    """Questions as one types them in words."""
    every = questions(names, 7 * count, _SEED + 1)
    return [one for one in every if one.startswith("where")][:count]


def _kinds(first: str, second: str, chance: random.Random) -> list[str]:
    words = " ".join(split_words(first))
    other = " ".join(split_words(second))
    slip = chance.randrange(1, len(first) - 1)
    return [
        f"where is the {words} of {other}",  # words
        first,  # a name
        f"{second}.{first}",  # a qualified name, mostly of nothing
        first[:slip] + first[slip + 1 :],  # a misspelt name
        f"kind:function {words}",  # a filter
        f"return self.{first}({second})",  # code
        f"{words} path:tests",  # a part of the repository
    ]
