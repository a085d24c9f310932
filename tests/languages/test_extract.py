"""Rules of the extractor that hold whatever the language."""

from __future__ import annotations

from textwrap import dedent

import pytest

from codesearch.languages import parse
from codesearch.languages.extract import MAX_NESTING
from codesearch.languages.outline import FIELD_BYTES, HEADER_CHARS, SIGNATURE_CHARS
from codesearch.types import Kind, Unit


def units(path: str, source: str) -> dict[str, Unit]:
    parsed = parse(path, dedent(source).encode())
    return {unit.qualified_name: unit for unit in parsed.units if unit.kind is not Kind.WINDOW}


@pytest.mark.parametrize(
    ("source", "documentation"),
    [
        ("# One.\n# Two.\ndef f(): pass\n", "One.\nTwo."),
        ("# Not this.\n\n# This.\ndef f(): pass\n", "This."),
        ("# Not this.\n\ndef f(): pass\n", ""),
        ("x = 1  # of x\ndef f(): pass\n", ""),
        ("# Above.\n@decorator\n# Between.\ndef f(): pass\n", "Above.\nBetween."),
        ("# Above.\ndef f():\n    'Inside.'\n", "Inside.\n\nAbove."),
        ("def f():\n    x = 'not documentation'\n", ""),
    ],
)
def test_documentation_of_a_function(source, documentation):
    assert units("a.py", source)["f"].documentation == documentation


def test_documentation_stands_above_exports_and_decorators():
    found = units(
        "a.ts",
        """\
        /** Adds. */
        export const add = (a: number) => a;

        class Point {
          // Moves it.
          @logged
          @checked({ depth: 2 })
          move(by: number): void {}
        }
        """,
    )
    assert found["add"].documentation == "Adds."
    assert found["Point.move"].documentation == "Moves it."
    assert found["Point.move"].signature == "move(by: number): void"
    assert found["Point.move"].body.startswith("@logged")


def test_the_first_member_of_a_class_keeps_its_comment():
    found = units("a.py", "class A:\n    # Says hello.\n    def hello(self): pass\n")
    assert found["A.hello"].documentation == "Says hello."
    assert found["A"].documentation == ""


def test_only_functions_directly_in_a_type_are_methods():
    found = units(
        "a.py",
        """\
        def outer():
            class Local:
                def __init__(self): pass
                def method(self):
                    def inner(): pass
        """,
    )
    assert {name: unit.kind for name, unit in found.items()} == {
        "outer": Kind.FUNCTION,
        "outer.Local": Kind.CLASS,
        "outer.Local.__init__": Kind.CONSTRUCTOR,
        "outer.Local.method": Kind.METHOD,
        "outer.Local.method.inner": Kind.FUNCTION,
    }


def test_a_header_tells_fields_and_signatures_but_no_bodies():
    found = units(
        "a.py",
        """\
        class Shape(Base):
            '''A shape.'''
            sides: int = 3

            @property
            def area(self) -> float:
                return self.secret()

            class Inner:
                hidden = 1
        """,
    )
    body = found["Shape"].body
    assert [line.strip() for line in body.splitlines()] == [
        "class Shape(Base)",
        "A shape.",
        "sides: int = 3",
        "def area(self) -> float",
        "class Inner",
    ]
    assert found["Shape"].span.end_line == 9


def test_headers_and_signatures_are_bounded():
    arguments = ", ".join(f"argument_{i}" for i in range(200))
    table = "[" + "1, " * FIELD_BYTES + "]"
    methods = "".join(f"    def method_{i}(self): pass\n" for i in range(400))
    found = units(
        "a.py", f"class Big:\n    table = {table}\n{methods}\ndef many({arguments}): pass\n"
    )
    assert len(found["Big"].body) <= HEADER_CHARS + SIGNATURE_CHARS
    assert len(found["many"].signature) == SIGNATURE_CHARS
    assert found["many"].signature.endswith("…")
    assert len(found) == 402


def test_nesting_is_bounded():
    source = "".join("    " * depth + f"def f{depth}():\n" for depth in range(MAX_NESTING + 10))
    found = units("a.py", source + "    " * (MAX_NESTING + 10) + "pass\n")
    assert len(found) == MAX_NESTING + 1


def test_same_names_are_units_of_their_own():
    parsed = parse("a.ts", b"function f(a: string): void;\nfunction f(a: number): void;\n")
    assert [unit.signature for unit in parsed.units] == [
        "function f(a: string): void",
        "function f(a: number): void",
    ]
    assert len({unit.id for unit in parsed.units}) == 2


def test_one_declaration_of_several_functions():
    found = units("a.js", "// Both.\nconst f = () => 1,\n  g = () => 2;\n")
    assert {name: unit.body for name, unit in found.items()} == {
        "f": "const f = () => 1",
        "g": "g = () => 2",
    }


def test_a_namespace_names_what_it_encloses():
    source = "namespace a::b { inline namespace { struct S { void f() {} }; } void S::g() {} }\n"
    found = units("a.cc", source)
    assert {name: unit.kind for name, unit in found.items()} == {
        "a::b::S": Kind.STRUCT,
        "a::b::S::f": Kind.METHOD,
        "a::b::S::g": Kind.METHOD,
    }


def test_parsing_twice_gives_the_same():
    source = b"class A:\n    def f(self): pass\n\nx = 1\n\ndef g(): pass\n"
    assert parse("a.py", source) == parse("a.py", source)
