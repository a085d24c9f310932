"""What is read again of files that the grammar gives up on."""

import importlib
from textwrap import dedent

import pytest
from tree_sitter import Language, Node, Parser, Tree

from codesearch.languages import parse
from codesearch.languages.repair import is_better, repaired
from codesearch.types import Kind


def parser(module: str) -> Parser:
    return Parser(Language(importlib.import_module(module).language()))


def names(tree: Tree, *types: str) -> list[str]:
    found = []

    def visit(node: Node) -> None:
        name = node.child_by_field_name("name")
        if node.type in types and name is not None and name.text is not None:
            found.append(name.text.decode())
        for child in node.children:
            visit(child)

    visit(tree.root_node)
    return found


UNKNOWN_SYNTAX = dedent(
    """\
    class Printer(val out: Sink) {
        fun first(): Int = 1

        /** Guards came with a version that the grammar does not know. */
        fun second(value: Any): String = when (value) {
            is String if value.isNotEmpty() -> value
            is Int if (value > 0 && (out as? File) == null) -> {
                out.write(value)
            }
            else -> ""
        }

        fun third() {
            val text = out.name?.let {
                +"name"
                +it
            }

            out.write(text)
        }

        fun fourth(): Int {
            return 4
        }
    }
    """
).encode()


def test_methods_around_unknown_syntax_are_kept():
    kotlin = parser("tree_sitter_kotlin")
    first = kotlin.parse(UNKNOWN_SYNTAX)
    assert first.root_node.has_error

    second = repaired(kotlin.parse, UNKNOWN_SYNTAX)

    expected = ["Printer", "first", "second", "third", "fourth"]
    assert names(second, "class_declaration", "function_declaration") == expected


def test_no_byte_moves():
    kotlin = parser("tree_sitter_kotlin")
    tree = repaired(kotlin.parse, UNKNOWN_SYNTAX)
    assert tree.root_node.end_byte == len(UNKNOWN_SYNTAX)
    (owner,) = (child for child in tree.root_node.children if child.type == "class_declaration")
    assert UNKNOWN_SYNTAX[owner.start_byte : owner.end_byte].startswith(b"class Printer")
    assert UNKNOWN_SYNTAX[owner.start_byte : owner.end_byte].endswith(b"}\n}")


def test_a_block_that_is_never_closed_costs_only_itself():
    javascript = parser("tree_sitter_javascript")
    source = dedent(
        """\
        function before() {
          return 1;
        }

        function half(typed) {
          if (typed) {
            call(typed, {
          for (const x of

        function after() {
          return 2;
        }

        class Last {
          method() {
            return 3;
          }
        }
        """
    ).encode()
    tree = repaired(javascript.parse, source)
    expected = ["before", "half", "after", "Last"]
    assert names(tree, "function_declaration", "class_declaration") == expected


@pytest.mark.parametrize("source", [b"", b"\n\n", b"}}}\n)))\n", b"fun (", b"\xff\xfe\n  {\n\n  {"])
def test_nothing_to_repair_is_no_error(source):
    kotlin = parser("tree_sitter_kotlin")
    assert repaired(kotlin.parse, source).root_node.end_byte <= len(source)


def test_small_errors_cost_no_units():
    kotlin = parser("tree_sitter_kotlin")
    first = kotlin.parse(b"fun a() = 1\n\nfun b( = 2\n\nfun c() = 3\n")
    clean = kotlin.parse(b"fun a() = 1\n\nfun c() = 3\n")
    assert not is_better(first, 3, clean, 2)
    assert not is_better(first, 3, first, 3)


HALF_TYPED = {
    "basket.rb": """\
        class Basket
          def add(item)
            items << item
            if item.fresh? && (

          def total
            items.sum(&:price)
          end

          def empty?
            items.none?
          end
        end
        """,
    "Basket.php": """\
        <?php
        class Basket
        {
            public function add(Item $item): void
            {
                $this->items[] = $item;
                foreach ($this->items as $other) {

            public function total(): int
            {
                return array_sum($this->prices());
            }

            public function isEmpty(): bool
            {
                return $this->items === [];
            }
        }
        """,
    "Basket.cs": """\
        namespace Shop
        {
            public class Basket
            {
                public void Add(Item item)
                {
                    if (item.Fresh && (
                }

                public int Total()
                {
                    return items.Sum(item => item.Price);
                }

                public bool IsEmpty() => items.Count == 0;
            }
        }
        """,
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("basket.rb", ["Basket", "Basket#add", "Basket#total", "Basket#empty?"]),
        ("Basket.php", ["Basket", "Basket::add", "Basket::total", "Basket::isEmpty"]),
        (
            "Basket.cs",
            ["Shop.Basket", "Shop.Basket.Add", "Shop.Basket.Total", "Shop.Basket.IsEmpty"],
        ),
    ],
)
def test_names_around_a_half_typed_line_stay_whole(path, expected):
    parsed = parse(path, dedent(HALF_TYPED[path]).encode())
    assert [unit.qualified_name for unit in parsed.units if unit.signature] == expected
    assert parsed.problems


def test_rubble_is_read_as_text():
    parsed = parse("rubble.kt", b"{ (words " * 40_000)
    assert {unit.kind for unit in parsed.units} == {Kind.WINDOW}
    assert parsed.problems
