"""Filters written in the text of a query: `lang:go path:src/** kind:method -path:tests -lang:c`.

They become the typed fields of `Query`, so that everything after this stage knows one form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from codesearch.languages import LANGUAGES, language_of
from codesearch.types import Kind, Query

_FILTER = re.compile(
    r"""(?<!\S)(?P<sign>-?)(?P<key>lang|language|kind|path|file):(?!:)(?P<value>"[^"]*"|\S+)""",
    re.IGNORECASE,
)
# What people type for a language that is neither its name nor a file extension of it.
_LANGUAGE_ALIASES = {"c#": "csharp", "c++": "cpp", "golang": "go", "shell": "bash"}
_KIND_ALIASES = {
    "ctor": "constructor",
    "def": "function",
    "fn": "function",
    "func": "function",
    "namespace": "module",
    "text": "window",
}

_Value = TypeVar("_Value")


@dataclass(slots=True)
class _Written:
    """What stood in the text: asked-for values, unwanted ones, and notes on the unreadable."""

    paths: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    kinds: list[Kind] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def typed_filters(query: Query) -> tuple[Query, tuple[str, ...]]:
    """Move the filters written in the text of `query` to its typed fields.

    Returns the query without them in its text, and a note for each one that means nothing
    here. A snippet of several lines is left as it is: `path:` in it is code.
    """
    wanted, unwanted = _Written(), _Written()
    for language in query.languages:
        _read("lang", language, wanted)
    text = query.text.strip()
    if "\n" not in text:
        for match in _FILTER.finditer(text):
            into = unwanted if match["sign"] else wanted
            _read(match["key"].lower(), match["value"].strip('"'), into)
        text = " ".join(_FILTER.sub(" ", text).split())
    typed = replace(
        query,
        text=text,
        paths=(*query.paths, *wanted.paths),
        exclude_paths=(*query.exclude_paths, *unwanted.paths),
        kinds=_let_through((*query.kinds, *wanted.kinds), unwanted.kinds, Kind),
        languages=_let_through(wanted.languages, unwanted.languages, (*LANGUAGES, "text")),
    )
    return typed, (*wanted.notes, *unwanted.notes)


def _read(key: str, value: str, into: _Written) -> None:
    if key in ("path", "file"):
        into.paths.append(value)
    elif key == "kind":
        name = _KIND_ALIASES.get(value.lower(), value.lower())
        if name in list(Kind):
            into.kinds.append(Kind(name))
        else:
            into.notes.append(f"unknown kind “{value}”: not used as a filter")
    else:
        language = language_named(value)
        if language:
            into.languages += [language, *_relatives(language)]
        else:
            into.notes.append(f"unknown language “{value}”: not used as a filter")


def language_named(value: str) -> str | None:
    """The registered language called `value`, or whose files end so (`py`, `rs`)."""
    value = value.lower()
    name = _LANGUAGE_ALIASES.get(value, value)
    if name in LANGUAGES or name == "text":
        return name
    by_extension = language_of(f"file.{value}")
    return None if by_extension == "text" else by_extension


def _relatives(language: str) -> list[str]:
    """Languages that are meant with `language`: TSX with TypeScript."""
    return [name for name, info in LANGUAGES.items() if info.family == language]


def _let_through(
    wanted: Sequence[_Value], unwanted: Sequence[_Value], every: Iterable[_Value]
) -> tuple[_Value, ...]:
    """The values to keep. None means all, so excluding one means naming all others."""
    if not unwanted:
        return tuple(wanted)
    return tuple(value for value in (wanted or every) if value not in unwanted)
