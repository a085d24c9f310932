"""Functions rewritten so that they still do the same, or nearly: the original must be found first.

Works on the leaves of the syntax tree, so that strings, comments and names are told apart in every
language alike. Every change is the same each time: chance is seeded by the function.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tree_sitter import Node

from codesearch.languages import LANGUAGES, to_utf8
from codesearch.languages.grammar import grammar
from codesearch.languages.syntax import Deadline, parse_tree
from codesearch.types import Unit
from codesearch.words import split_words

_NEW_WORDS = split_words(
    "amber basin cedar delta ember fjord grove haven inlet jetty kiosk lemon mango nylon olive "
    "pearl quilt raven slate tulip umbra viola wharf xenon yacht zebra birch coral dune finch"
)
_OF_TYPES = ("type", "field", "property", "namespace", "package", "shorthand", "label", "tag")
_IS_NAME = re.compile(r"identifier|^(simple_)?name$|^variable(_name)?$|^constant$|^word$")
_CONSTANT_NAMES = frozenset({"self", "this", "super", "cls", "arguments", "_", "it"})
_SPELLED = re.compile(r"[^\W\d]\w*")
_IS_NUMBER = re.compile(r"^-?\d[\d_.]*$")
_SIMPLE = re.compile(r"^\s*(?!return|break|continue|else|elif|case|when|throw|raise|end\b|if|for)")
_ENDS_OPEN = re.compile(r"([{:,(\[\\=|&+.?]|->|\bdo|\bthen|\bbegin)\s*$")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A token: its bytes in the function's text, its type and what its parent is."""

    start: int
    end: int
    type: str
    text: str
    inside: tuple[str, ...]  # types of what is around it, nearest first

    @property
    def is_comment(self) -> bool:
        return any("comment" in one for one in (self.type, *self.inside[:1]))

    @property
    def is_string(self) -> bool:
        around = (self.type, *self.inside[:2])
        return any("string" in one or "char" in one or "heredoc" in one for one in around)

    @property
    def is_name(self) -> bool:
        return bool(_IS_NAME.search(self.type) and _SPELLED.fullmatch(self.text))


@dataclass(frozen=True, slots=True)
class Subject:
    """A function to rewrite: its text from the start of its first line, and its tokens."""

    unit: Unit
    text: bytes
    leaves: tuple[Leaf, ...]

    @property
    def dice(self) -> random.Random:
        return random.Random(self.unit.id)


Edit = tuple[int, int, bytes]


def subjects(source: bytes, units: Sequence[Unit]) -> list[Subject]:
    """The functions `units` of one file with their tokens."""
    data = to_utf8(source)
    language = LANGUAGES[units[0].language]
    tree = parse_tree(data, grammar(language.name), Deadline(20.0))
    leaves = list(_leaves(tree.root_node, ()))
    found = []
    for unit in units:
        start, end = unit.span.start_byte - unit.span.start_column, unit.span.end_byte
        own = [
            replace(leaf, start=leaf.start - start, end=leaf.end - start)
            for leaf in leaves
            if start <= leaf.start and leaf.end <= end
        ]
        found.append(Subject(unit, data[start:end], tuple(own)))
    return found


def mutated(subject: Subject, kind: str) -> str | None:
    """The function after one kind of change, or None where there is nothing of the kind."""
    text = KINDS[kind](subject)
    if text is None or text == subject.text:
        return None
    return text.decode(errors="replace")


def without_name(subject: Subject) -> str:
    """The function as it is, but under another name."""
    edits = [
        (leaf.start, leaf.end, b"it")
        for leaf in subject.leaves
        if leaf.text == subject.unit.name and not leaf.is_string
    ]
    return _edited(subject.text, edits).decode(errors="replace")


def _renamed(subject: Subject) -> bytes | None:
    """What the function itself names: parameters and variables, and its own name."""
    return _edited(subject.text, _renaming(subject, _own_names(subject))) or None


def _all_renamed(subject: Subject) -> bytes | None:
    """Every name, those of what it calls among them: only its shape is left."""
    names = {leaf.text for leaf in subject.leaves if leaf.is_name}
    return _edited(subject.text, _renaming(subject, names - _CONSTANT_NAMES)) or None


def _own_names(subject: Subject) -> set[str]:
    """Names that stand alone at least twice, never as a member, a type or what is called."""
    alone: Counter[str] = Counter()
    elsewhere: set[str] = set()
    for before, leaf, after in _with_neighbours(subject.leaves):
        if not leaf.is_name or leaf.is_string or leaf.is_comment:
            continue
        is_member = before in (".", "->", "::", "?.", "@", "&.", "\\") or "." in leaf.text
        is_type = any(one in leaf.type for one in _OF_TYPES)
        if is_member or is_type or after in ("(", "::", "!", "\\") or leaf.text[0].isupper():
            elsewhere.add(leaf.text)
        else:
            alone[leaf.text] += 1
    own = {name for name, count in alone.items() if count > 1} - elsewhere
    return (own | {subject.unit.name}) - _CONSTANT_NAMES


def _renaming(subject: Subject, names: set[str]) -> list[Edit]:
    new = _new_names(names, subject.dice)
    return [
        (leaf.start, leaf.end, new[leaf.text].encode())
        for leaf in subject.leaves
        if leaf.text in new and not leaf.is_string and not leaf.is_comment
    ]


def _new_names(names: set[str], dice: random.Random) -> dict[str, str]:
    """Another name for each, in its own style."""
    pairs = [(one, two) for one in _NEW_WORDS for two in _NEW_WORDS if one != two]
    dice.shuffle(pairs)
    new = {}
    for name, (one, two) in zip(sorted(names), pairs, strict=False):
        if "_" in name.strip("_"):
            new[name] = f"{one}_{two}"
        elif len(split_words(name)) > 1:
            new[name] = one + two.capitalize()
        else:
            new[name] = one
        if name[0].isupper():
            new[name] = new[name][0].upper() + new[name][1:]
    return new


def _translated(subject: Subject) -> bytes | None:
    """Other words in the strings, other numbers."""
    return _edited(subject.text, _translation(subject)) or None


def _translation(subject: Subject) -> list[Edit]:
    edits: list[Edit] = []
    for leaf in subject.leaves:
        if _IS_NUMBER.match(leaf.text):
            edits.append((leaf.start, leaf.end, _other_number(leaf.text).encode()))
        elif leaf.is_string and not leaf.is_comment and re.search(r"[a-z]{2}", leaf.text):
            words = re.sub(r"(?<![\\%{$])[a-zA-Z]{2,}", _other_word, leaf.text)
            edits.append((leaf.start, leaf.end, words.encode()))
    return edits


def _other_word(match: re.Match[str]) -> str:
    return _NEW_WORDS[sum(map(ord, match[0])) % len(_NEW_WORDS)]


def _other_number(text: str) -> str:
    return re.sub(r"\d", lambda digit: str(9 - int(digit[0])), text).lstrip("0") or "7"


def _uncommented(subject: Subject) -> bytes | None:
    """No comments and no documentation."""
    return _edited(subject.text, _comments(subject)) or None


def _comments(subject: Subject) -> list[Edit]:
    edits = [(leaf.start, leaf.end, b"") for leaf in subject.leaves if leaf.is_comment]
    docstrings = (
        (leaf.start, leaf.end, b"")
        for leaf in subject.leaves
        if leaf.type == "string_content" and leaf.inside[1:3] == ("expression_statement", "block")
    )
    return edits + list(docstrings)[:1]


def _reordered(subject: Subject) -> bytes | None:
    """Neighbouring lines that have no name in common change places."""
    lines = subject.text.decode(errors="replace").split("\n")
    at, changed = 1, False
    while at + 2 < len(lines):
        if _independent(lines[at], lines[at + 1]):
            lines[at], lines[at + 1] = lines[at + 1], lines[at]
            at, changed = at + 1, True
        at += 1
    return "\n".join(lines).encode() if changed else None


def _independent(one: str, two: str) -> bool:
    if not (one.strip() and two.strip()) or _indent(one) != _indent(two):
        return False
    if one.rstrip()[-1:] != two.rstrip()[-1:] and ";" in (one.rstrip()[-1], two.rstrip()[-1]):
        return False
    if any(not _SIMPLE.match(line) or _ENDS_OPEN.search(line) for line in (one, two)):
        return False
    if any(line.count(a) != line.count(b) for line in (one, two) for a, b in ("()", "{}", "[]")):
        return False
    shared = set(_SPELLED.findall(one)) & set(_SPELLED.findall(two))
    return not shared - {"let", "var", "const", "val", "local", "self", "this", "mut", "int"}


def _reformatted(subject: Subject) -> bytes | None:
    """Twice the indentation, blank lines, and brackets on lines of their own."""
    lines = []
    for at, line in enumerate(subject.text.decode(errors="replace").split("\n")):
        indent, rest = " " * (2 * _indent(line) + 1), line.strip()
        if subject.unit.language not in ("python", "haskell", "ruby") and rest.endswith(" {"):
            lines += [indent + rest[:-2].rstrip(), indent + "{"]
        else:
            lines.append(indent + rest)
        if at % 3 == 2 and subject.unit.language != "haskell":
            lines.append("")
    return "\n".join(lines).encode()


def _indent(line: str) -> int:
    blanks = line[: len(line) - len(line.lstrip())]
    return len(blanks.expandtabs(4))


def _everything(subject: Subject) -> bytes | None:
    """All changes that keep the behaviour, one after the other."""
    edits: dict[int, Edit] = {}
    for edit in (
        *_comments(subject),
        *_renaming(subject, _own_names(subject)),
        *_translation(subject),
    ):
        edits.setdefault(edit[0], edit)
    changed = replace(subject, text=_edited(subject.text, list(edits.values())), leaves=())
    return _reformatted(replace(changed, text=_reordered(changed) or changed.text))


def _drifted(subject: Subject) -> bytes | None:
    """A quarter of the lines gone and as many from nowhere: the copy that went its own way."""
    first, *rest = _renamed_lines(subject)
    if len(rest) < 4:
        return None
    dice, kept = subject.dice, [first]
    for line in rest:
        if dice.random() < 0.25:
            one, two = dice.sample(_NEW_WORDS, 2)
            kept.append(f"{' ' * _indent(line)}{one} = {two}_{one}({two})")
        else:
            kept.append(line)
    return "\n".join(kept).encode()


def _part(subject: Subject) -> bytes | None:
    """The half of its lines in the middle, as someone selects them."""
    lines = subject.text.split(b"\n")
    return b"\n".join(lines[len(lines) // 4 : -(len(lines) // 4)])


def _renamed_lines(subject: Subject) -> list[str]:
    return (_renamed(subject) or subject.text).decode(errors="replace").split("\n")


def _edited(text: bytes, edits: Sequence[Edit]) -> bytes:
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _with_neighbours(leaves: Sequence[Leaf]) -> Iterator[tuple[str, Leaf, str]]:
    texts = ["", *(leaf.text for leaf in leaves), ""]
    return zip(texts, leaves, texts[2:], strict=False)


def _leaves(node: Node, inside: tuple[str, ...]) -> Iterator[Leaf]:
    stack = [(node, inside)]
    while stack:
        one, around = stack.pop()
        if one.child_count == 0 and one.end_byte > one.start_byte:
            text = (one.text or b"").decode(errors="replace")
            yield Leaf(one.start_byte, one.end_byte, one.type, text, around)
        within = (one.type, *around[:3])
        stack.extend((child, within) for child in reversed(one.children))


# Those that keep the behaviour, and three that are harder: a copy that drifted, a function of which
# no name is left at all, and half of one.
KEEPING = ("rename", "reorder", "literals", "comments", "format", "all of these")
HARDER = ("drift", "every name", "a part of it")
KINDS: Mapping[str, Callable[[Subject], bytes | None]] = {
    "rename": _renamed,
    "reorder": _reordered,
    "literals": _translated,
    "comments": _uncommented,
    "format": _reformatted,
    "all of these": _everything,
    "drift": _drifted,
    "every name": _all_renamed,
    "a part of it": _part,
}
