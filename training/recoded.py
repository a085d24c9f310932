"""The same code written in another way: other names, loops and order."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence

COMMENT = re.compile(r"\s*(#|//|--|\*|/\*|;;|%)")
_COUNTED = re.compile(r"(\s*)for\s*\(([^;]*);([^;]*);([^;]*)\)\s*(\{?)\s*$")
_RANGED = re.compile(r"(\s*)for (\w+) in range\(([^,]+)\):\s*$")
_WHILE = re.compile(r"(\s*)while\s*\((.*)\)\s*(\{?)\s*$")
_STEP = re.compile(r"(\s*)(\w+)(\+\+|--)(;?)\s*$")
_ADDED = re.compile(r"(\s*)([\w.]+) ([-+*/])= (.+?)(;?)$")


def recoded(lines: Sequence[str], chance: random.Random) -> str:
    """`lines` of code under other names, loops rewritten, some lines moved or lost.

    It need not run: what it does has to be recognised, not to be kept.
    """
    moved = _disturbed(list(_rewritten(lines[1:], chance)), chance)
    return _renamed("\n".join([lines[0], *moved]), chance)


def _rewritten(lines: Sequence[str], chance: random.Random) -> Iterator[str]:
    """Loops and steps said in another way, in half of the places; order may differ a little."""
    for line in lines:
        yield from _said_otherwise(line) if chance.random() < 0.5 else [line]


def _said_otherwise(line: str) -> list[str]:
    if found := _COUNTED.match(line):
        indent, first, until, step, brace = found.groups()
        return [f"{indent}{first};", f"{indent}while ({until}) {brace}", f"{indent}    {step};"]
    if found := _RANGED.match(line):
        indent, name, most = found.groups()
        return [
            f"{indent}{name} = 0",
            f"{indent}while {name} < {most}:",
            f"{indent}    {name} += 1",
        ]
    if found := _WHILE.match(line):
        indent, until, brace = found.groups()
        return [f"{indent}for (; {until}; ) {brace}"]
    if found := _STEP.match(line):
        indent, name, sign, end = found.groups()
        return [f"{indent}{name} {sign[0]}= 1{end}"]
    if found := _ADDED.match(line):
        indent, name, sign, value, end = found.groups()
        return [f"{indent}{name} = {name} {sign} {value}{end}"]
    return [line]


def _disturbed(lines: list[str], chance: random.Random) -> list[str]:
    kept = [line for line in lines if chance.random() < 0.8]
    for index in range(len(kept) - 1):
        if chance.random() < 0.2:
            kept[index], kept[index + 1] = kept[index + 1], kept[index]
    return kept


_LOCAL = re.compile(r"(?<![\w.>:$@])[a-z_]\w*(?![\w(:!])")
_PLAIN_NAMES = ("value", "item", "data", "x", "y", "i", "n", "result", "tmp", "a", "b", "obj", "s")


def _renamed(body: str, chance: random.Random) -> str:
    """Names that look local and come more than once get other ones."""
    counts: dict[str, int] = {}
    for name in _LOCAL.findall(body):
        counts[name] = counts.get(name, 0) + 1
    names = {
        name: chance.choice(_PLAIN_NAMES)
        for name, count in counts.items()
        if count > 1 and name not in _KEYWORDS and chance.random() < 0.8
    }
    return _LOCAL.sub(lambda match: names.get(match.group(), match.group()), body)


_KEYWORDS = frozenset(
    """
    if else elif for while do end def fn func fun function return let var val const mut static
    public private protected class struct enum type match case when switch break continue in of is
    not and or null nil none true false self this super new delete try catch except finally raise
    throw throws async await yield import from use pub impl trait where with as void int char bool
    float double long string unsigned local then begin fi done module
    """.split()
)
