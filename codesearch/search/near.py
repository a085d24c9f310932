"""Names that are nearly what was typed: not finished, misspelt, abbreviated, or a part of it.

Only for a name that nothing is defined under, so that it never stands before an exact one.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import regex

_NO_LETTERS = regex.compile(r"[^\p{L}\p{M}\p{N}]+")
# Fewer letters are near everything.
_LEAST_LETTERS = 3
# Letters for each slip that is forgiven: `serialze`, but not `get` for `set`.
_LETTERS_A_SLIP = 4
# Nearer than this is near: half of a long name, say.
_LEAST = 0.4
# What a name loses for being longer than what was typed, which begins it, shortens it or stands
# somewhere in it; the rest is given for how much of it was typed.
_BEGUN, _SHORTENED, _WITHIN = 0.6, 0.3, 0.2


def near_names(typed: str, names: tuple[str, ...], limit: int) -> list[tuple[str, float]]:
    """Those of `names` that are nearly `typed`, with how near (0 to 1), the nearest first."""
    asked = _letters_of(typed)
    if len(asked) < _LEAST_LETTERS:
        return []
    spelt = _spelt(names)
    near: dict[int, float] = {}
    for at, closeness in (*_longer(asked, spelt), *_misspelt(asked, spelt)):
        if closeness >= _LEAST:
            near[at] = max(closeness, near.get(at, 0.0))
    best = sorted(near, key=lambda at: (-near[at], names[at]))[:limit]
    return [(names[at], near[at]) for at in best]


@dataclass(frozen=True, slots=True)
class _Spelt:
    """The letters of all names, so arranged that few of them have to be looked at."""

    letters: tuple[str, ...]
    joined: str  # all of them, each after a line break
    starts: list[int]  # where each begins in `joined`
    by_length: Mapping[int, tuple[Sequence[str], Sequence[int]]]  # the letters, and where


def _longer(asked: str, spelt: _Spelt) -> Iterator[tuple[int, float]]:
    """Names that hold all the letters asked for, in their order."""
    # Each letter is looked for after the one before, and nothing is tried twice.
    rest = "".join(f"[^{letter}\n]*+{letter}" for letter in asked[1:])
    for match in re.finditer(f"\n{asked[0]}{rest}", spelt.joined):
        at = bisect_right(spelt.starts, match.start() + 1) - 1
        name = spelt.letters[at]
        kept = _BEGUN if name.startswith(asked) else _SHORTENED
        yield at, kept + (1 - kept) * len(asked) / len(name)
    found = spelt.joined.find(asked)
    while found >= 0:
        at = bisect_right(spelt.starts, found) - 1
        name = spelt.letters[at]
        if name[0] != asked[0]:
            yield at, _WITHIN + (1 - _WITHIN) * len(asked) / len(name)
        found = spelt.joined.find(asked, spelt.starts[at] + len(name))


def _misspelt(asked: str, spelt: _Spelt) -> Iterator[tuple[int, float]]:
    """Names that differ by few letters, one more for each few letters asked for."""
    from rapidfuzz import process  # as long as a search, and seldom needed
    from rapidfuzz.distance import OSA

    most = len(asked) // _LETTERS_A_SLIP
    for length in range(len(asked) - most, len(asked) + most + 1):
        alike, places = spelt.by_length.get(length, ((), ()))
        for _, slips, at in process.extract_iter(
            asked, alike, scorer=OSA.distance, score_cutoff=most
        ):
            yield places[at], 1 - slips / len(asked)


@lru_cache(maxsize=4)  # as many indexes as are asked at a time; each has one tuple of names
def _spelt(names: tuple[str, ...]) -> _Spelt:
    letters = tuple(_letters_of(name) for name in names)
    starts: list[int] = []
    by_length: defaultdict[int, tuple[list[str], list[int]]] = defaultdict(lambda: ([], []))
    end = 0
    for at, name in enumerate(letters):
        starts.append(end + 1)
        end += 1 + len(name)
        alike, places = by_length[len(name)]
        alike.append(name)
        places.append(at)
    joined = "".join(f"\n{name}" for name in letters)
    return _Spelt(letters, joined, starts, dict(by_length))


def _letters_of(name: str) -> str:
    return _NO_LETTERS.sub("", name).casefold()
