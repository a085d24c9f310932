"""Names that are nearly what was typed: not finished, misspelt, abbreviated, or a part of it.

Only for a name that nothing is defined under, so that it never stands before an exact one.
"""

from __future__ import annotations

from collections.abc import Iterator
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
    letters = _letters_of_all(names)
    near: dict[int, float] = {}
    for at, closeness in (*_longer(asked, letters), *_misspelt(asked, letters)):
        if closeness >= _LEAST:
            near[at] = max(closeness, near.get(at, 0.0))
    best = sorted(near, key=lambda at: (-near[at], names[at]))[:limit]
    return [(names[at], near[at]) for at in best]


def _longer(asked: str, letters: tuple[str, ...]) -> Iterator[tuple[int, float]]:
    """Names that hold all the letters asked for, in their order."""
    abbreviated = regex.compile(".*?".join(map(regex.escape, asked)))
    for at, name in enumerate(letters):
        if name[:1] == asked[:1]:
            if abbreviated.match(name):
                kept = _BEGUN if name.startswith(asked) else _SHORTENED
                yield at, kept + (1 - kept) * len(asked) / len(name)
        elif asked in name:
            yield at, _WITHIN + (1 - _WITHIN) * len(asked) / len(name)


def _misspelt(asked: str, letters: tuple[str, ...]) -> Iterator[tuple[int, float]]:
    """Names that differ by few letters, one more for each few letters asked for."""
    from rapidfuzz import process  # as long as a search, and seldom needed
    from rapidfuzz.distance import OSA

    most = len(asked) // _LETTERS_A_SLIP
    for _, slips, at in process.extract_iter(
        asked, letters, scorer=OSA.distance, score_cutoff=most
    ):
        yield at, 1 - slips / len(asked)


@lru_cache(maxsize=4)  # as many indexes as are asked at a time; each has one tuple of names
def _letters_of_all(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_letters_of(name) for name in names)


def _letters_of(name: str) -> str:
    return _NO_LETTERS.sub("", name).casefold()
