"""Names as a person types them."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from codesearch.languages.registry import FileModule, LanguageInfo

_QUOTES = "'\"`"


def split_name(text: str, separators: tuple[str, ...]) -> tuple[str, str]:
    """Scope and name of a possibly qualified name: `ns::Vec<T>::at` is `ns::Vec` and `at`."""
    text = " ".join(text.split())
    if text[:1] in _QUOTES:
        return "", text.strip(_QUOTES)
    for mark in filter(None, separators):
        text = text.replace(" " + mark, mark).replace(mark + " ", mark)
    if not re.search(r"\w", text):
        return "", text  # an operator
    if re.match(r":\w", text):  # a symbol
        text = text[1:]
    if not any(mark and mark in text for mark in separators):
        return "", text
    cut, at, depth = (0, 0), 0, 0
    while at < len(text) and not (depth == 0 and text[at] == " "):
        depth += (text[at] in "<([") - (text[at] in ">)]" and depth > 0)
        mark = next((s for s in separators if s and text.startswith(s, at)), "")
        if mark and depth == 0 and at + len(mark) < len(text):
            cut = (at, at + len(mark))
        at += max(1, len(mark))
    return without_arguments(text[: cut[0]]), text[cut[1] :]


def file_module(path: str, info: LanguageInfo) -> str:
    """The module that a file is in itself, by its name; empty in most languages."""
    stem = PurePosixPath(path).name.split(".", 1)[0]
    named = info.file_module is FileModule.ALWAYS or stem[:1].isupper()
    return stem[:1].upper() + stem[1:] if named and info.file_module is not FileModule.NONE else ""


def is_file_a_type(module: str, info: LanguageInfo) -> bool:
    """Whether the functions of a file that is the module `module` are a type's methods."""
    return bool(module) and info.file_module is FileModule.CAPITALISED


def without_arguments(text: str) -> str:
    """A type's name without type arguments, pointer and reference marks."""
    before = None
    while before != text:
        before, text = text, re.sub(r"\s*(<[^<>]*>|\[[^\[\]]*\]|\([^()]*\))", "", text)
    return text.strip().strip("*& ")
