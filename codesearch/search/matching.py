"""Whether two words are forms of one word: `routes` and `routing`, `config` and `configuration`.

Names are compared with questions by it. Word search and the encoder have their own ways; here a
wrong "no" would cost a definition its place, and a wrong "yes" costs little, since names are short.
"""

from __future__ import annotations

from functools import lru_cache

from codesearch.words import split_words

# Endings of English words as they stand in names, longer ones first. What is left is no word,
# but the same for all forms of one.
_ENDINGS = (
    *("ations", "ments", "ings", "ions", "ation", "ment", "ing", "ion", "ers", "ors", "ies"),
    *("er", "or", "ed", "es", "s", "e", "y"),
)
# Letters that must be left, or `ring` and `red` would lose what they are.
_LEAST_LEFT = 3
# ... more where whole words end so: `string`, `comment`.
_LEAST_BEFORE = {"ing": 4, "ings": 4, "ment": 4, "ments": 4}
# A question names its topic first and what that belongs to last ("cookie store for sessions"), so
# each of its words weighs this much of the one before.
NEXT_WORD = 0.7
# Letters of a prefix that is taken for its word: `arg`, `req`, `env`, `dir`.
_LEAST_PREFIX = 3


@lru_cache(maxsize=1 << 15)
def root(word: str) -> str:
    """What the forms of a lower-case word have in common."""
    for ending in _ENDINGS:
        least = _LEAST_BEFORE.get(ending, _LEAST_LEFT)
        if word.endswith(ending) and len(word) - len(ending) >= least:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > _LEAST_LEFT and word[-1] == word[-2] else word


@lru_cache(maxsize=1 << 13)  # names recur from question to question
def roots(text: str) -> tuple[str, ...]:
    """The roots of the words of `text`, identifiers split, each once, in order."""
    return tuple(dict.fromkeys(root(word) for word in split_words(text)))


@lru_cache(maxsize=1 << 12)  # many units share a name, and a page of hits is asked for again
def agreement(asked: tuple[str, ...], name: tuple[str, ...]) -> float:
    """How far a name says what is asked, from 0 to 1; both are roots, in order.

    The share of the question that the name holds, times the share of the name that the question
    holds: `parse_config` answers "parse config" better than `parse` or `parse_config_of_tests`.
    """
    held, used = _held(asked, name)
    return held * len(used) / len(name) if held else 0.0


def coverage(asked: tuple[str, ...], names: tuple[str, ...]) -> float:
    """The share of `asked` that `names` hold, from 0 to 1; both are roots, `asked` in order."""
    return _held(asked, names)[0]


def _held(asked: tuple[str, ...], names: tuple[str, ...]) -> tuple[float, set[str]]:
    """The share of `asked` that is among `names`, by weight, and which of `names` that is."""
    used: set[str] = set()
    begin = _begin_of(asked)
    alike = [name for name in names if name[:_LEAST_PREFIX] in begin]
    if not alike:
        return 0.0, used
    held = whole = 0.0
    weight = 1.0
    for one in asked:
        whole += weight
        match = one if one in alike else next((name for name in alike if _is_short(one, name)), "")
        if match:
            held += weight
            used.add(match)
        weight *= NEXT_WORD
    return held / whole, used


@lru_cache(maxsize=16)  # one question is compared with hundreds of names
def _begin_of(asked: tuple[str, ...]) -> frozenset[str]:
    """The first letters of roots. Those that match have the same ones."""
    return frozenset(one[:_LEAST_PREFIX] for one in asked)


def _is_short(one: str, other: str) -> bool:
    """Whether one of two roots is the beginning of the other."""
    if min(len(one), len(other)) < _LEAST_PREFIX:
        return False
    return one.startswith(other) or other.startswith(one)
