"""Comments and docstrings without their markers."""

from __future__ import annotations

import html
import inspect
import re
from collections.abc import Iterable

# Opening and closing marks of comments that span lines, longest first.
_BLOCKS = (
    ("--[==[", "]==]"),
    ("--[=[", "]=]"),
    ("--[[", "]]"),
    ("=begin", "=end"),
    ("{-|", "-}"),
    ("{- |", "-}"),
    ("{-", "-}"),
    ("(**", "*)"),
    ("(*", "*)"),
    ("/**", "*/"),
    ("/*!", "*/"),
    ("/*", "*/"),
    ("#=", "=#"),
    ("<!--", "-->"),
)
_OPENINGS = tuple(opening for opening, _ in _BLOCKS)
_LINE_MARK = re.compile(r"^\s*(?://[/!]*<?|#+!?'?|--+(?:\s?[|^])?|;+|%+)")
_STAR = re.compile(r"^\s*\*(?!\*)[ \t]?")
_XML_DOC = re.compile(r"<(?:summary|remarks|returns|param name=|inheritdoc|exception cref=)")
_XML_REFERENCE = re.compile(r"<\w+\s+(?:cref|name|langword)=\"(?:\w:)?([^\"]*)\"\s*/>")
_XML_ABOUT = re.compile(r"<(?:param|typeparam|exception)\s+\w+=\"(?:\w:)?([^\"]*)\">")
_XML_TAG = re.compile(r"</?[a-zA-Z]\w*(?:\s[^<>]*)?/?>")
_STRING = re.compile(r"^(?:~[a-zA-Z]|[a-zA-Z]{0,2})(\"\"\"|'''|\"|')")


def comments_text(comments: Iterable[str]) -> str:
    """What neighbouring comments say: line comments are read as one, blocks one by one."""
    runs: list[list[str]] = []
    for comment in comments:
        block = _is_block(comment)
        if runs and not block and not _is_block(runs[-1][0]):
            runs[-1].append(comment)
        else:
            runs.append([comment])
    texts = (_comment_text("\n".join(comment.strip("\r\n") for comment in run)) for run in runs)
    return _without_xml("\n".join(text for text in texts if text))


def docstring_text(literal: str) -> str:
    """What a string literal (or a comment) used as documentation says."""
    text = literal.strip()
    match = _STRING.match(text)
    if match is None:
        return comments_text([text])
    return inspect.cleandoc(text[match.end() :].removesuffix(match.group(1))).strip()


def _without_xml(text: str) -> str:
    """The words of an XML documentation comment (C#); other text as it is."""
    if not _XML_DOC.search(text):
        return text
    text = _XML_ABOUT.sub(r"\1: ", _XML_REFERENCE.sub(r"\1", text))
    lines = (line.strip() for line in html.unescape(_XML_TAG.sub("", text)).splitlines())
    return "\n".join(line for line in lines if line)


def _is_block(comment: str) -> bool:
    return comment.lstrip().startswith(_OPENINGS)


def _comment_text(comment: str) -> str:
    text = comment.strip()
    for opening, closing in _BLOCKS:
        if text.startswith(opening):
            return _block_text(text.removeprefix(opening).removesuffix(closing))
    return _tidy([_LINE_MARK.sub("", line, count=1) for line in text.splitlines()])


def _block_text(inside: str) -> str:
    lines = inside.splitlines()
    starred = [line for line in lines[1:] if line.strip()]
    if starred and all(_STAR.match(line) for line in starred):
        lines = lines[:1] + [_STAR.sub("", line, count=1) for line in lines[1:]]
    return _tidy(lines)


def _tidy(lines: list[str]) -> str:
    """Dedent, and drop rules such as `-----` that say nothing."""
    return inspect.cleandoc(
        "\n".join(line for line in lines if not line.strip() or re.search(r"\w", line))
    ).strip()
