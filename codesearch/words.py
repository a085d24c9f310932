"""Identifier splitting, shared by everything that compares words.

`getHTTPResponse2` is read as `get http response 2` when it is stored, when it is encoded and
when it is asked for; a second opinion anywhere would make words that never meet.
"""

from __future__ import annotations

import regex

# In order: an acronym before a capitalised word, a word, an acronym, digits.
# `regex` rather than `re`, which cannot tell capitals from small letters outside ASCII.
_WORD = regex.compile(r"\p{Lu}+(?=\p{Lu}\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{Lm}\p{M}]+|\p{Lu}+|\p{N}+")
_IDENTIFIER = regex.compile(r"[\p{L}_$@][\p{L}\p{M}\p{N}_$]*[?!]?")


def split_words(text: str) -> list[str]:
    """Lower-case words of `text`, identifiers split at case changes, digits and punctuation."""
    return [match.group().lower() for match in _WORD.finditer(text)]


def identifiers(text: str) -> list[str]:
    """Whole identifiers of `text` as written, in order, repeats kept."""
    return _IDENTIFIER.findall(text)
