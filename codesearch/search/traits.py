"""What a piece of code is like besides its words and its meaning: its shape, and its name.

The shape is the row of its tokens without what the author was free to choose: once without any
name, and once with the names of what it calls, of members and of constants, which others chose.
Pieces of it, four tokens long, are compared. A copy under other names has all of them, a copy that
drifted most.

One scanner reads all languages. It may take a comment of one for an operator of another; both
sides are read alike, so that costs little.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from codesearch.search.matching import roots
from codesearch.words import split_words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Tokens of a piece. Three or five did as well.
_PIECE = 4
# Characters read of one unit: a table of data says nothing more after that.
_MOST_CHARS = 20_000

_TOKEN = re.compile(
    r"""
    (?P<comment> //.* | /\*[\s\S]*?\*/ | (?m:^[ \t]*(?:\#(?=[\s!#])|--[ \t]).*$) )
  | (?P<string> \"{3}[\s\S]*?\"{3} | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' | `[^`]*` )
  | (?P<name> [^\W\d]\w* )
  | (?P<number> \d[\w.]* )
  | (?P<sign> -> | => | :: | := | == | != | <= | >= | && | \|\| | \?\. | [^\w\s] )
    """,
    re.VERBOSE,
)
# Words that say what happens, in most languages that have them.
_KEYWORDS = frozenset(
    split_words(
        "and as async await begin bool break case catch class const continue def defer delete "
        "do elif else elsif end ensure except false finally fn for foreach from fun func "
        "function goto if import in int is lambda let local loop match module mut new nil none "
        "not null or pass raise repeat rescue return self static struct super switch then this "
        "throw throws true try type unless until val var void when where while with yield"
    )
)
_BEFORE_A_MEMBER = frozenset({".", "->", "::", "?."})
_NAME, _STRING, _NUMBER = "a", '"', "0"  # what stands for any of them


@dataclass(frozen=True, slots=True)
class Bag:
    """Features of one text: their hashes in ascending order, and how much of each there is.

    Both of shape (features,); the amount is damped, since what is repeated is not twice as telling.
    """

    features: NDArray[np.int64]
    amounts: NDArray[np.float32]


@lru_cache(maxsize=1 << 12)  # what was compared once is compared again while someone looks around
def shape_of(text: str) -> Bag:
    """The pieces of the shape of some code."""
    bare, named = _rows(text[:_MOST_CHARS])
    return _bag([*_pieces("bare", bare), *_pieces("named", named)])


@lru_cache(maxsize=1 << 12)
def tokens_of(text: str) -> tuple[str, ...]:
    """The tokens of some code in their order: with the names that others chose, no comments.

    What its author was free to name, to write in strings and to count is one token of each kind.
    """
    return tuple(_rows(text[:_MOST_CHARS])[1])


@lru_cache(maxsize=1 << 12)
def name_of(name: str) -> Bag:
    """The words of a name, forms of one word being the same."""
    return _bag([hash(root) for root in roots(name)])


def likeness(own: Bag, others: Sequence[Bag]) -> list[float]:
    """The cosine (0 to 1) of `own` with each of `others`, rare features weighing more.

    How rare a feature is, `others` tell: what they all share does not tell them apart.
    """
    import numpy as np

    if not others:
        return []
    known, at = np.unique(np.concatenate([one.features for one in others]), return_inverse=True)
    rarity = _rarity(np.bincount(at, minlength=len(known)), len(others))
    whose = np.repeat(np.arange(len(others)), [len(one.features) for one in others])
    weights = np.concatenate([one.amounts for one in others]) * rarity[at]
    wanted = np.zeros(len(known))
    _, of_known, of_own = np.intersect1d(
        known, own.features, assume_unique=True, return_indices=True
    )
    wanted[of_known] = own.amounts[of_own] * rarity[of_known]
    products = np.bincount(whose, weights * wanted[at], len(others))
    lengths = np.sqrt(np.bincount(whose, weights**2, len(others)) * float(wanted @ wanted))
    cosines = products / np.where(lengths > 0, lengths, 1.0)
    return [float(cosine) for cosine in cosines]


def _rarity(holders: NDArray[np.int64], total: int) -> NDArray[np.float64]:
    """BM25's weight of a feature that `holders` of `total` texts have."""
    import numpy as np

    return np.log1p((total - holders + 0.5) / (holders + 0.5))


def _bag(features: Iterable[int]) -> Bag:
    import numpy as np

    values, counts = np.unique(np.fromiter(features, np.int64), return_counts=True)
    return Bag(values, (1 + np.log(counts)).astype(np.float32))


def _pieces(kind: str, tokens: Sequence[str]) -> Iterator[int]:
    """Hashes of `_PIECE` tokens after one another."""
    followers = (tokens[start:] for start in range(_PIECE))
    return (hash((kind, *piece)) for piece in zip(*followers, strict=False))


def _rows(text: str) -> tuple[list[str], list[str]]:
    """The tokens of code without any name, and with the names that others chose."""
    bare: list[str] = []
    named: list[str] = []
    tokens = [(match.lastgroup, match.group()) for match in _TOKEN.finditer(text)]
    tokens = [token for token in tokens if token[0] != "comment"]
    ends = [text for _, text in tokens[1:]] + [""]
    before = ""
    for (group, token), after in zip(tokens, ends, strict=False):
        if group == "name" and token not in _KEYWORDS:
            is_called = after == "("
            bare.append("f" if is_called else _NAME)
            is_bound = is_called or before in _BEFORE_A_MEMBER or token[0].isupper()
            named.append(token if is_bound else _NAME)
        else:
            sign = {"string": _STRING, "number": _NUMBER}.get(group or "", token)
            bare.append(sign)
            named.append(sign)
        before = token
    return bare, named
