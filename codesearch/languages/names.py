"""Names as a person types them."""

from __future__ import annotations

import re

_QUOTES = "'\"`"
_BRACKETS = {"<": ">", "[": "]", "(": ")"}


def split_name(text: str, separators: tuple[str, ...]) -> tuple[str, str]:
    """Scope and name of a possibly qualified name: `ns::Vec<T>::at` is `ns::Vec` and `at`."""
    text = " ".join(text.split())
    if text[:1] in _QUOTES:
        return "", text.strip(_QUOTES)
    cut, at, depth = (0, 0), 0, 0
    while at < len(text) and not (depth == 0 and text[at] == " "):
        depth += (text[at] in "<([") - (text[at] in ">)]" and depth > 0)
        mark = next((s for s in separators if s and text.startswith(s, at)), "")
        if mark and depth == 0 and at + len(mark) < len(text):
            cut = (at, at + len(mark))
        at += max(1, len(mark))
    return without_arguments(text[: cut[0]]), text[cut[1] :]


def without_arguments(text: str) -> str:
    """A type's name without type arguments, pointer and reference marks."""
    before = None
    while before != text:
        before, text = text, re.sub(r"\s*(<[^<>]*>|\[[^\[\]]*\]|\([^()]*\))", "", text)
    return text.strip().strip("*& ")
