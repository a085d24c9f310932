"""When a name that a person typed is the name of a unit."""

from __future__ import annotations

import re

_SEPARATOR = re.compile(r"::|->|[.#:/\\]")
# An operator at the end may hold separators itself: `Data.Aeson..:?` is the `.:?` of Data.Aeson.
_OPERATOR = re.compile(r"(?<=\w)(?:::|\.)([^\w\s]*[^\w\s.][^\w\s]*)$")
_ARGUMENTS = re.compile(r"<[^<>]*>|\[[^\[\]]*\]|\([^()]*\)")


def name_parts(name: str) -> list[str]:
    """`Foo::bar`, `Foo.bar`, `Foo#bar`, `Foo<T>.bar()` and the like: `["Foo", "bar"]`."""
    bare = _ARGUMENTS.sub("", name).strip()
    operator = _OPERATOR.search(bare)
    names = bare[: operator.start()] if operator else bare
    parts = [part.strip() for part in _SEPARATOR.split(names) if part.strip()]
    return [*parts, operator.group(1)] if operator else parts


def name_score(typed: str, name: str, qualified_name: str) -> float:
    """1.0 when `typed` names the unit, 0.5 when it does in another case, 0.0 when it does not.

    It names the unit by its simple name, or by an end of its qualified name.
    """
    if typed == name or _ends_with(name_parts(qualified_name), name_parts(typed)):
        return 1.0
    folded = typed.casefold()
    parts, wanted = name_parts(qualified_name.casefold()), name_parts(folded)
    return 0.5 if folded == name.casefold() or _ends_with(parts, wanted) else 0.0


def _ends_with(parts: list[str], end: list[str]) -> bool:
    return bool(end) and parts[-len(end) :] == end
