"""The generic extractor: captures of a query in, units out.

What the captures mean stands in `queries/README.md`; nothing here knows a language by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tree_sitter import Node, Tree

from codesearch.languages.comments import comments_text, docstring_text
from codesearch.languages.definitions import Definition, Found, collect, widen
from codesearch.languages.grammar import definitions_query
from codesearch.languages.names import file_module, is_file_a_type, split_name, without_arguments
from codesearch.languages.outline import Range, SourceText, header, signature
from codesearch.languages.registry import LanguageInfo
from codesearch.languages.spans import Lines, content_hash
from codesearch.languages.syntax import Deadline, matches
from codesearch.types import Kind, Problem, Unit

TYPES = frozenset({Kind.CLASS, Kind.INTERFACE, Kind.STRUCT, Kind.ENUM, Kind.TRAIT})
_WITH_HEADER = TYPES | {Kind.MODULE}
MAX_NESTING = 16  # deeper definitions are left to the unit around them
MAX_PROBLEMS = 5


@dataclass(slots=True)
class Draft:
    """A definition with its place among the others."""

    definition: Definition
    name: str
    qualified_name: str
    kind: Kind | None  # None: only a scope
    is_type: bool
    end: int  # where its scope ends
    depth: int
    parent: Draft | None
    text: str = ""  # signature
    pieces: list[Definition] = field(default_factory=list)  # further equations of a function


@dataclass(frozen=True, slots=True)
class Extracted:
    """Units of one file, the bytes they speak for, and what could not be read."""

    units: list[Unit]
    covered: list[Range]
    documented: dict[str, list[Range]]  # by unit id: what speaks of the unit
    problems: list[Problem]


def extract(
    path: str, tree: Tree, lines: Lines, info: LanguageInfo, deadline: Deadline
) -> Extracted:
    """All named units of a parsed file, by position; raises OutOfTimeError."""
    found = collect(matches(definitions_query(info.name), tree.root_node, deadline))
    for definition in found.definitions:
        deadline.check()
        widen(definition, info, found)
    source = SourceText(lines.data)
    drafts = _merged(_drafts(found, info, source, file_module(path, info)), info, source)
    builder = _Builder(path, drafts, list(found.trailing), info, lines)
    return Extracted(*builder.build(deadline), _problems(found))


def _problems(found: Found) -> list[Problem]:
    lines = sorted({node.start_point.row for node in found.errors})
    return [Problem("syntax error", line) for line in lines[:MAX_PROBLEMS]]


def _drafts(found: Found, info: LanguageInfo, source: SourceText, module: str) -> list[Draft]:
    """Definitions in order, named by what encloses them."""
    drafts: list[Draft] = []
    enclosing: list[Draft] = []
    for definition in sorted(found.definitions, key=lambda d: (d.start, -d.end, d.node.start_byte)):
        while enclosing and definition.start >= enclosing[-1].end:
            enclosing.pop()
        parent = enclosing[-1] if enclosing else None
        owner = parent.qualified_name if parent else module
        draft = _draft(definition, parent, owner, info, source)
        if draft is None or draft.depth > MAX_NESTING:
            continue
        drafts.append(draft)
        enclosing.append(draft)
    return drafts


def _draft(
    definition: Definition,
    parent: Draft | None,
    owner: str,
    info: LanguageInfo,
    source: SourceText,
) -> Draft | None:
    is_scope = definition.kind is None
    extent = definition.extent("scope.name" if is_scope else "name")
    if extent is None:
        return None
    scope, name = split_name(source.read(*extent), (info.separator, info.member_separator))
    name = without_arguments(name) if is_scope else name
    captured = [without_arguments(source.of(n)) for n in definition.all("scope")]
    scopes = [s for s in (*captured, scope) if s]
    in_type = parent.is_type if parent else is_file_a_type(owner, info)
    kind = _kind(definition.kind, name, [owner, *scopes], in_type and not scopes, info)
    file_wide = definition.first("scope.file") is not None
    return Draft(
        definition,
        name,
        _qualified(name, [owner, *scopes], _mark(kind, definition, info), info.separator),
        kind,
        kind in TYPES or definition.first("scope.type") is not None,
        len(source.data) if file_wide else definition.end,
        parent.depth + 1 if parent else 0,
        parent,
    )


def _kind(
    kind: Kind | None, name: str, owners: Sequence[str], in_type: bool, info: LanguageInfo
) -> Kind | None:
    if kind is Kind.FUNCTION and in_type:
        kind = Kind.METHOD
    if kind is not Kind.METHOD:
        return kind
    same = info.constructor_is_type_name and name == re.split(r"\W+", owners[-1])[-1]
    return Kind.CONSTRUCTOR if name in info.constructors or same else kind


def _mark(kind: Kind | None, definition: Definition, info: LanguageInfo) -> str:
    """What joins a definition to its owner."""
    if definition.first("static") is not None:
        return info.static_separator or info.separator
    if kind in (Kind.METHOD, Kind.CONSTRUCTOR):
        return info.member_separator or info.separator
    return info.separator


def _qualified(name: str, owners: Sequence[str], mark: str, separator: str) -> str:
    owner = separator.join(o for o in owners if o)
    return f"{owner}{mark}{name}" if owner else name


def _merged(drafts: list[Draft], info: LanguageInfo, source: SourceText) -> list[Draft]:
    """Unite the equations of one function, which follow one another directly."""
    if not info.merge_equations:
        return drafts
    kept: list[Draft] = []
    last: dict[int, Draft] = {}  # id of the parent -> its latest child
    for draft in drafts:
        before = last.get(id(draft.parent))
        if before is not None and _continues(draft, before, source):
            before.pieces.append(draft.definition)
            before.definition.end = before.end = draft.definition.end
            continue
        last[id(draft.parent)] = draft
        kept.append(draft)
    return kept


def _continues(draft: Draft, before: Draft, source: SourceText) -> bool:
    """Whether only comments part two of one name: a docstring begins another function."""
    same = (draft.kind, draft.qualified_name) == (before.kind, before.qualified_name)
    definition = draft.definition
    start = min([definition.start, *(comment.start_byte for comment in definition.comments)])
    gap = source.data[before.definition.end : start]
    return same and draft.kind not in _WITH_HEADER and not definition.docs and not gap.strip()


def _closing(scope: Definition) -> Range:
    """The `end` or bracket of a scope that is no unit: nothing that anyone would look for."""
    children = scope.body.children if scope.body is not None else []
    if not children or children[-1].is_named:
        return (scope.end, scope.end)
    return (children[-1].start_byte, children[-1].end_byte)


def _told_elsewhere(draft: Draft) -> Iterator[Node]:
    """What stands around a member and belongs to its unit, not to the header of its owner."""
    definition = draft.definition
    yield from (piece.outer for piece in draft.pieces)
    yield from definition.leads
    yield from definition.comments
    if definition.body is not None and definition.body.start_byte >= definition.node.end_byte:
        yield definition.body


class _Builder:
    """Turns drafts into units."""

    def __init__(
        self,
        path: str,
        drafts: list[Draft],
        trailing: list[int],
        info: LanguageInfo,
        lines: Lines,
    ) -> None:
        self._path, self._drafts, self._info = path, drafts, info
        self._lines, self._source = lines, SourceText(lines.data)
        for draft in drafts:
            draft.text = signature(draft.definition, info, self._source)
        self._members = dict.fromkeys(trailing, "")
        self._members.update({d.definition.outer.id: d.text for d in drafts if d.kind is not None})
        for draft in drafts:
            self._members.update({node.id: "" for node in _told_elsewhere(draft)})

    def build(self, deadline: Deadline) -> tuple[list[Unit], list[Range], dict[str, list[Range]]]:
        units: dict[tuple[Kind, int, int], Unit] = {}
        covered: list[Range] = []
        documented: dict[str, list[Range]] = {}
        for draft in self._drafts:
            deadline.check()
            if draft.kind is None:
                covered.append(_closing(draft.definition))
                continue
            spoken = [(n.start_byte, n.end_byte) for n in draft.definition.spoken_of]
            unit, ranges = self._unit(draft, draft.kind)
            covered += [*spoken, *ranges]
            documented.setdefault(unit.id, []).extend(spoken)
            units.setdefault((unit.kind, unit.span.start_byte, unit.span.end_byte), unit)
        return list(units.values()), covered, documented

    def _unit(self, draft: Draft, kind: Kind) -> tuple[Unit, list[Range]]:
        definition, source = draft.definition, self._source
        documentation = self._documentation(definition)
        if kind in _WITH_HEADER:
            body, covered = header(definition, draft.text, documentation, self._members, source)
        else:
            body = source.read(definition.start, definition.end).rstrip()
            covered = [(definition.start, definition.end)]
        name = definition.extent("name") or (definition.start, definition.end)
        seen = (self._info.name, kind, draft.qualified_name, draft.text, documentation, body)
        unit = Unit(
            self._path,
            self._info.name,
            kind,
            draft.name,
            draft.qualified_name,
            draft.text,
            documentation,
            body,
            self._lines.span(definition.start, definition.end),
            self._lines.span(*name),
            content_hash(*seen),
        )
        return unit, covered

    def _documentation(self, definition: Definition) -> str:
        docs = [docstring_text(self._source.of(node)) for node in definition.docs]
        above = comments_text(self._source.of(node) for node in definition.comments)
        return "\n\n".join(text for text in (*docs, above) if text)
