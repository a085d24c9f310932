"""From query matches to definitions: what was captured, where it starts, what documents it."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field

from tree_sitter import Node

from codesearch.languages.registry import LanguageInfo
from codesearch.languages.syntax import Captures
from codesearch.types import Kind

_KINDS = {kind.value: kind for kind in Kind if kind is not Kind.WINDOW}
_NAMES = ("name", "scope.name")
_SCOPES = ("scope.block", "scope.type", "scope.file")
_MAX_CLIMB = 8  # wrappers around one definition: `export`, `const`, `template<>`, ...


@dataclass(slots=True)
class Definition:
    """A captured node on its way to becoming a unit, or a scope when `kind` is None."""

    node: Node
    kind: Kind | None
    captures: Captures
    pattern: int  # the last pattern that set the kind
    outer: Node  # the node itself or its outermost wrapper
    extra: Captures = field(default_factory=dict)  # from patterns that only add to it
    start: int = 0  # bytes, with attributes
    end: int = 0
    docs: list[Node] = field(default_factory=list)  # docstrings
    comments: list[Node] = field(default_factory=list)  # above the definition, in order
    aside: Node | None = None  # a comment behind its end
    body: Node | None = None
    shared: Node | None = None  # a wrapper of several definitions, of which this is the first
    leads: list[Node] = field(default_factory=list)  # attributes and docstrings above it

    @property
    def open(self) -> int:
        """Byte where the signature ends and the body begins."""
        node = self.first("open") or self.body
        return node.start_byte if node is not None else self.outer.end_byte

    @property
    def spoken_of(self) -> list[Node]:
        """All that documents it."""
        return [*self.docs, *self.comments, *([self.aside] if self.aside else [])]

    def first(self, capture: str) -> Node | None:
        """The first node captured under this name."""
        nodes = self.captures.get(capture) or self.extra.get(capture)
        return nodes[0] if nodes else None

    def extent(self, capture: str) -> tuple[int, int] | None:
        """Bytes from the first to the last node that one match captured under this name."""
        nodes = self.captures.get(capture)
        return (nodes[0].start_byte, nodes[-1].end_byte) if nodes else None

    def all(self, capture: str) -> list[Node]:
        """Every node captured under this name, in order."""
        nodes = [*self.captures.get(capture, ()), *self.extra.get(capture, ())]
        return sorted(nodes, key=lambda node: node.start_byte)

    def define(self, kind: Kind | None, pattern: int, captures: Captures) -> None:
        """Be what this pattern says, in place of what an earlier pattern said."""
        if pattern > self.pattern:
            self.captures = {}
        self.kind, self.pattern = kind, pattern
        self.add(self.captures, captures)

    @staticmethod
    def add(to: Captures, captures: Captures) -> None:
        """Put captures to others; the same match may come twice, and the first one names it."""
        for name, nodes in captures.items():
            if name in _NAMES and name in to:
                continue
            known = {node.id for node in to.get(name, ())}
            to.setdefault(name, []).extend(node for node in nodes if node.id not in known)


@dataclass(slots=True)
class Found:
    """All that a query found in one file."""

    definitions: list[Definition]
    loose_docs: dict[int, Node]  # end byte -> a docstring that documents what follows it
    attributes: set[int]  # ids of captured attributes of what follows them
    trailing: dict[int, Node]  # by id: what belongs to the definition above it
    errors: list[Node]


def collect(matches: Iterable[tuple[int, Captures]]) -> Found:
    """Unite matches by node; of the patterns that name a kind for a node the last one wins."""
    by_node: dict[int, Definition] = {}
    ignored: set[int] = set()
    found = Found([], {}, set(), {}, [])
    ends: list[Node] = []
    for pattern, captures in matches:
        found.errors.extend(captures.get("error", ()))
        ignored.update(node.id for node in captures.get("ignore", ()))
        main = _main_capture(captures)
        if main is None:
            ends.extend(captures.get("end", ()))
            found.trailing.update({node.id: node for node in captures.get("trailing", ())})
            found.attributes.update(node.id for node in captures.get("attribute", ()))
            found.loose_docs.update({node.end_byte: node for node in captures.get("doc", ())})
            continue
        name, node = main
        known = by_node.get(node.id)
        if known is None:
            known = by_node[node.id] = Definition(node, None, {}, -1, node)
        if name == "definition":
            known.add(known.extra, captures)
        elif pattern >= known.pattern:
            known.define(_KINDS.get(name), pattern, captures)
    found.definitions = [
        definition
        for definition in by_node.values()
        if definition.pattern >= 0 and definition.node.id not in ignored
    ]
    _close(found.definitions, ends)
    return found


def _close(definitions: Iterable[Definition], ends: list[Node]) -> None:
    """Give definitions that the grammar spreads over siblings the next end as their body."""
    if not ends:
        return
    ends.sort(key=_start)
    waiting = [d for d in definitions if "open" in d.captures and "body" not in d.captures]
    waiting.sort(key=lambda definition: definition.node.start_byte)
    for definition, after in itertools.zip_longest(waiting, waiting[1:]):
        at = bisect.bisect_left(ends, definition.node.end_byte, key=_start)
        is_own = after is None or (at < len(ends) and ends[at].start_byte < after.node.start_byte)
        if at < len(ends) and is_own and ends[at].parent == definition.node.parent:
            definition.captures["body"] = [ends[at]]


def _start(node: Node) -> int:
    return node.start_byte


def _main_capture(captures: Captures) -> tuple[str, Node] | None:
    for name, nodes in captures.items():
        if name in _KINDS or name in _SCOPES or name == "definition":
            return name, nodes[0]
    return None


def widen(definition: Definition, info: LanguageInfo, found: Found) -> None:
    """Set the definition's extent (wrappers, attributes, a body that is a sibling) and docs."""
    node = definition.node
    definition.body = definition.first("body")
    definition.start, definition.end = node.start_byte, _end(node, info.comments)
    if definition.body is not None and definition.body.end_byte > node.end_byte:
        definition.end = definition.body.end_byte
    before, inside = _Preceding(info, found), True
    for _ in range(_MAX_CLIMB):
        first = before.read(node)
        if inside:
            definition.start = min(definition.start, first.start_byte)
        parent = node.parent
        if parent is None:
            break
        inside = inside and _wraps(parent, node, info)
        if inside:
            definition.outer = parent
            definition.start = min(definition.start, parent.start_byte)
            definition.end = max(definition.end, parent.end_byte)
        elif node == definition.outer and _leads(parent, node, info):
            definition.shared = parent
            definition.start = min(definition.start, parent.start_byte)
        elif parent.start_byte != first.start_byte:
            break  # only of a leftmost child may the comment stand above its parent
        node = parent
    definition.docs = [*definition.all("doc"), *before.docs]
    definition.comments = before.comments
    definition.leads = before.leads
    definition.end = _with_trailing(definition, found)
    definition.aside = _after(definition.outer, 0, info)
    if info.docs_below and not before.docs and not before.comments:
        below = _after(definition.outer, 1, info)
        definition.comments = [below] if below is not None else []


def _wraps(parent: Node, node: Node, info: LanguageInfo) -> bool:
    """Whether `parent` belongs to the definition `node`, and to no other beside it."""
    if parent.type not in info.wrappers:
        return False
    skipped = (*info.comments, *info.attributes)
    siblings = [child for child in parent.named_children if child.type not in skipped]
    return (
        bool(siblings) and siblings[-1] == node and all(s.type != node.type for s in siblings[:-1])
    )


def _leads(parent: Node, node: Node, info: LanguageInfo) -> bool:
    """Whether `node` is the first of several definitions that share a wrapper (`let … and …`)."""
    same_row = parent.start_point.row == node.start_point.row
    return same_row and parent.type in info.wrappers and parent.named_children[0] == node


class _Preceding:
    """Reads the siblings above a node: attributes that belong to it, comments that document it."""

    def __init__(self, info: LanguageInfo, found: Found) -> None:
        self._info = info
        self._found = found
        self.leads: list[Node] = []
        self.docs: list[Node] = []
        self.comments: list[Node] = []

    def read(self, node: Node) -> Node:
        """Collect what stands above; returns the first node of the definition at this level."""
        first, line = node, node.start_point.row
        comments: list[Node] = []
        sibling = node.prev_sibling
        while sibling is not None:
            sibling = _hidden_comment(sibling, node, self._info) or sibling
            if sibling.end_byte in self._found.loose_docs and not self.docs:
                self.docs.append(self._found.loose_docs[sibling.end_byte])
                first, line = sibling, sibling.start_point.row
                self.leads.append(sibling)
            elif sibling.type in self._info.attributes or sibling.id in self._found.attributes:
                first, line = sibling, sibling.start_point.row
                self.leads.append(sibling)
            elif sibling.type in self._info.comments and _last_row(sibling) >= line - 1:
                if _is_trailing(sibling):
                    break
                comments.append(sibling)
                line = sibling.start_point.row
            else:
                break
            sibling = sibling.prev_sibling
        self.comments = comments[::-1] + self.comments
        return first


def _end(node: Node, comments: tuple[str, ...]) -> int:
    """Where a node ends, without comments at its end that are indented no deeper than itself."""
    last, end = node, node.end_byte
    while True:
        while last.type not in comments and (inner := _last_child(last)) is not None:
            last = inner
        before = last.prev_sibling
        outside = last.start_point.column <= node.start_point.column
        if last.type not in comments or not outside or before is None:
            return end
        last, end = before, before.end_byte


def _last_child(node: Node) -> Node | None:
    return node.child(node.child_count - 1) if node.child_count else None


def _last_row(node: Node) -> int:
    end = node.end_point
    return end.row - 1 if end.column == 0 and end.row > node.start_point.row else end.row


def _is_trailing(comment: Node) -> bool:
    """Whether the comment stands behind other code on its line, and so speaks of that."""
    before = comment.prev_sibling
    return before is not None and _last_row(before) == comment.start_point.row


def _with_trailing(definition: Definition, found: Found) -> int:
    """Where the definition ends together with what follows on the next lines and belongs to it."""
    last, end = definition.outer, definition.end
    if not found.trailing:
        return end
    while (after := last.next_sibling) is not None and after.id in found.trailing:
        if after.start_point.row - last.end_point.row > 1:
            break
        last, end = after, max(end, after.end_byte)
    return end


def _after(outer: Node, rows: int, info: LanguageInfo) -> Node | None:
    """The comment that begins so many rows below the end of a definition."""
    after = outer.next_sibling
    if after is None or after.type not in info.comments:
        return None
    return after if after.start_point.row - outer.end_point.row == rows else None


def _hidden_comment(sibling: Node, node: Node, info: LanguageInfo) -> Node | None:
    """A comment above `node` that the grammar put at the end of what stands before it."""
    last = sibling
    while (inner := _last_child(last)) is not None:
        last = inner
    aligned = last.start_point.column == node.start_point.column
    return last if last is not sibling and aligned and last.type in info.comments else None
