"""From query matches to definitions: what was captured, where it starts, what documents it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tree_sitter import Node

from codesearch.languages.registry import LanguageInfo
from codesearch.languages.syntax import Captures
from codesearch.types import Kind

_KINDS = {kind.value: kind for kind in Kind if kind is not Kind.WINDOW}
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
    start: int = 0  # bytes, with attributes
    end: int = 0
    docs: list[Node] = field(default_factory=list)  # comments or docstrings, in order
    body: Node | None = None

    def first(self, capture: str) -> Node | None:
        """The first node captured under this name."""
        nodes = self.captures.get(capture)
        return nodes[0] if nodes else None

    def add(self, captures: Captures) -> None:
        """Take over what another pattern captured for the same node."""
        for name, nodes in captures.items():
            known = {node.id for node in self.captures.get(name, ())}
            self.captures.setdefault(name, []).extend(n for n in nodes if n.id not in known)


@dataclass(slots=True)
class Found:
    """All that a query found in one file."""

    definitions: list[Definition]
    loose_docs: dict[int, Node]  # end byte -> a docstring that documents what follows it
    errors: list[Node]


def collect(matches: Iterable[tuple[int, Captures]]) -> Found:
    """Unite matches by node; of the patterns that name a kind for a node the last one wins."""
    by_node: dict[int, Definition] = {}
    found = Found([], {}, [])
    for pattern, captures in matches:
        found.errors.extend(captures.get("error", ()))
        main = _main_capture(captures)
        if main is None:
            found.loose_docs.update({node.end_byte: node for node in captures.get("doc", ())})
            continue
        name, node = main
        known = by_node.get(node.id)
        if known is None:
            known = by_node[node.id] = Definition(node, None, {}, -1, node)
        if name != "definition" and pattern >= known.pattern:
            known.kind, known.pattern = _KINDS.get(name), pattern
        known.add(captures)
    found.definitions = [d for d in by_node.values() if d.pattern >= 0]
    return found


def _main_capture(captures: Captures) -> tuple[str, Node] | None:
    for name, nodes in captures.items():
        if name in _KINDS or name in _SCOPES or name == "definition":
            return name, nodes[0]
    return None


def widen(definition: Definition, info: LanguageInfo, loose_docs: dict[int, Node]) -> None:
    """Set the definition's extent (wrappers, attributes, a body that is a sibling) and docs."""
    node = definition.node
    definition.body = definition.first("body")
    definition.start, definition.end = node.start_byte, node.end_byte
    if definition.body is not None:
        definition.end = max(definition.end, definition.body.end_byte)
    before, inside = _Preceding(info, loose_docs), True
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
        elif parent.start_byte != first.start_byte:
            break  # only of a leftmost child may the comment stand above its parent
        node = parent
    definition.docs = definition.captures.get("doc") or before.docs


def _wraps(parent: Node, node: Node, info: LanguageInfo) -> bool:
    """Whether `parent` belongs to the definition `node`, and to no other beside it."""
    if parent.type not in info.wrappers:
        return False
    skipped = (*info.comments, *info.attributes)
    siblings = [child for child in parent.named_children if child.type not in skipped]
    return (
        bool(siblings) and siblings[-1] == node and all(s.type != node.type for s in siblings[:-1])
    )


class _Preceding:
    """Reads the siblings above a node: attributes that belong to it, comments that document it."""

    def __init__(self, info: LanguageInfo, loose_docs: dict[int, Node]) -> None:
        self._info = info
        self._loose_docs = loose_docs
        self.docs: list[Node] = []

    def read(self, node: Node) -> Node:
        """Collect into `docs`; returns the first node of the definition at this level."""
        first, line = node, node.start_point.row
        docs: list[Node] = []
        sibling = node.prev_sibling
        while sibling is not None:
            if sibling.end_byte in self._loose_docs and not docs:
                docs.append(self._loose_docs[sibling.end_byte])
                first, line = sibling, sibling.start_point.row
            elif sibling.type in self._info.attributes:
                first, line = sibling, sibling.start_point.row
            elif sibling.type in self._info.comments and _last_row(sibling) >= line - 1:
                if _is_trailing(sibling):
                    break
                docs.append(sibling)
                line = sibling.start_point.row
            else:
                break
            sibling = sibling.prev_sibling
        self.docs = docs[::-1] + self.docs
        return first


def _last_row(node: Node) -> int:
    end = node.end_point
    return end.row - 1 if end.column == 0 and end.row > node.start_point.row else end.row


def _is_trailing(comment: Node) -> bool:
    """Whether the comment stands behind other code on its line, and so speaks of that."""
    before = comment.prev_sibling
    return before is not None and _last_row(before) == comment.start_point.row
