"""Documentation as questions, and units without it."""

from __future__ import annotations

import re
from dataclasses import replace

from codesearch.types import Unit

_END = re.compile(
    r"(?<=[a-z0-9)\]`'\"])[.!?:](?=\s|$)|\n\s*\n|\n\s*[@:\\-]|\n\s*(Args|Parameters|Returns)\b"
)
_MARKUP = re.compile(
    r"</?\w+[^>]*>|:\w+:`|\{@\w+ |\[[^\]]*\]\([^)]*\)|@\w+|\\\w+|[`*{}#|_=~-]{2,}|[`*]"
)
_NOISE = re.compile(
    r"todo|fixme|copyright|licen[cs]e|deprecated|see\b|inherit|auto-?generated|eslint|rubocop|"
    r"[@:\\](param|returns?|throws|raises|type|since|author)\b|param\b|nolint|noqa|type:|"
    r"constructor\b|end of|eof\b|the .{0,30} class\.?$",
    re.IGNORECASE,
)


def first_sentence(documentation: str) -> str:
    """The first sentence without markup, or "" if it says nothing (or not in English)."""
    text = documentation.strip()[:600]
    if _NOISE.match(text):
        return ""
    match = _END.search(text)
    return _plain(text[: match.start()] if match else text)


def whole(documentation: str, most_words: int = 48) -> str:
    """The documentation as running text, cut."""
    return " ".join(_MARKUP.sub(" ", documentation[:1200]).split()[:most_words])


def _plain(text: str) -> str:
    text = " ".join(_MARKUP.sub(" ", text).split())
    words = re.findall(r"[A-Za-z]{2,}", text)
    if not 3 <= len(words) <= 60 or not text.isascii() or _NOISE.match(text):
        return ""
    return text


def undocumented(unit: Unit) -> Unit:
    """`unit` without its documentation, also where that stands in the body."""
    wanted = [line.strip() for line in unit.documentation.splitlines() if line.strip()]
    if not wanted:
        return unit
    lines = unit.body.splitlines()
    first = next((at for at, line in enumerate(lines) if wanted[0] in line), None)
    body = unit.body if first is None else "\n".join(_without(lines, first, wanted))
    return replace(unit, documentation="", body=body)


def _without(lines: list[str], at: int, wanted: list[str]) -> list[str]:
    kept, position = lines[:at], 0
    for index in range(at, len(lines)):
        if position == len(wanted):
            return [*kept, *lines[index:]]
        if wanted[position] in lines[index]:
            position += 1
        elif lines[index].strip():
            kept.append(lines[index])
    return kept
