"""`parse` never fails, whatever it is given, and never holds the parser for long."""

from __future__ import annotations

import gc
import subprocess
import sys
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codesearch.languages import LANGUAGES, ParseLimits, parse, parse_snippet
from codesearch.languages.grammar import grammar
from codesearch.languages.syntax import (
    SLICE_BYTES,
    Deadline,
    OutOfTimeError,
    SliceReader,
    parse_tree,
)
from codesearch.types import Kind, ParsedFile

PATHS = {name: "file" + info.extensions[0] for name, info in LANGUAGES.items()}


def names(parsed: ParsedFile) -> list[str]:
    return [unit.qualified_name for unit in parsed.units if unit.kind is not Kind.WINDOW]


@settings(max_examples=150, deadline=None)
@given(language=st.sampled_from(sorted(LANGUAGES)), source=st.binary(max_size=300))
def test_any_bytes_in_any_language(language, source):
    parsed = parse(PATHS[language], source)
    assert (parsed.language, parsed.path) == (language, PATHS[language])
    assert (
        parsed.units
        or parsed.skipped
        or not any(map(str.isalnum, source.decode("utf-8", "ignore")))
    )


def test_broken_syntax_yields_what_can_be_read():
    bad = b"def bad(:\n    x = = 2\n"
    source = b"def good():\n    return 1\n\n" + bad + b"\nclass Fine:\n    def also(self): pass\n"
    parsed = parse("a.py", source)
    assert {"good", "Fine", "Fine.also"} <= set(names(parsed))
    assert parsed.problems
    assert all(problem.message == "syntax error" for problem in parsed.problems)


def test_a_file_without_structure_is_read_as_text():
    parsed = parse("a.cc", b"class A { void f() {}\n " * 5_000)
    assert {unit.kind for unit in parsed.units} == {Kind.WINDOW}
    assert [problem.message for problem in parsed.problems] == [
        "read as text: no structure can be read"
    ]


def test_problems_are_few():
    parsed = parse("a.go", b"package a\n" + b"func (((\n\nvar ) = 1\n" * 200)
    assert 0 < len(parsed.problems) <= 5


def test_bytes_that_are_no_utf8_in_a_pragma_do_not_end_the_process():
    """tree-sitter's own `#match?` does, with whatever it cannot decode."""
    source = b"twice :: Int -> Int\ntwice x = x + x\n{-# INLINE tw\xadice #-}\n"
    parsed = parse("Twice.hs", source)
    assert [unit.name for unit in parsed.units] == ["twice"]
    assert "INLINE" in parsed.units[0].body


def test_invalid_utf8_keeps_byte_offsets():
    source = b"# caf\xe9\ndef caf\xc3\xa9():\n    return '\xff\xfe'\n\ndef last(): pass\n"
    parsed = parse("a.py", source)
    assert names(parsed)[-1] == "last"
    last = parsed.units[-1].span
    assert source[last.start_byte : last.end_byte] == b"def last(): pass"


def test_line_ends_and_byte_order_marks():
    source = b"\xef\xbb\xbf# Doc.\r\ndef one():\r\n    return 1\r\n\r\nvalue = one()\r\n"
    one, rest = parse("a.py", source).units
    assert (one.documentation, one.signature, one.span.start_line) == ("Doc.", "def one()", 1)
    assert rest.body == "value = one()"


NESTED = {
    "a.py": b"x = " + b"(\n" * 20_000 + b")\n" * 20_000,
    "a.js": b"function f() {\n" * 3_000 + b"}\n" * 3_000,
    "a.java": b"class A {\n" * 3_000 + b"}\n" * 3_000,
    "a.rs": b"mod a {\n" * 3_000 + b"}\n" * 3_000,
    "a.c": b"int x = " + b"(\n" * 20_000,
    "a.cc": b"class A {\n" + b"#if B\nint f();\n" * 2_000 + b"#endif\n" * 2_000 + b"};\n",
    "a.ml": b"let x = " + b"(* a\n" * 10_000,
    "a.hs": b"x = " + b"[\n" * 20_000,
}


@pytest.mark.parametrize("path", NESTED)
def test_deep_nesting_overflows_no_stack(path):
    parsed = parse(path, NESTED[path], ParseLimits(seconds=1))
    assert parsed.units
    assert len(names(parsed)) <= 17 * 2
    assert sum(len(unit.body) for unit in parsed.units) < 3_000_000


def test_a_file_that_takes_too_long_is_read_as_text():
    source = b"def one():\n    return 1\n" * 500
    parsed = parse("a.py", source, ParseLimits(seconds=0))
    assert {unit.kind for unit in parsed.units} == {Kind.WINDOW}
    assert "\n".join(unit.body for unit in parsed.units) == source.decode().rstrip()
    (problem,) = parsed.problems
    assert problem.message == "read as text: not parsed within 0 s"


def test_the_parser_is_fed_in_slices_and_can_be_stopped():
    source = b"value = [1, 2, 3]\n" * 5_000
    sizes = []

    class Recording(SliceReader):
        def __call__(self, offset, point):
            piece = super().__call__(offset, point)
            sizes.append(len(piece))
            return piece

    tree = parse_tree(source, grammar("python"), Deadline(60), reader=Recording)
    assert tree.root_node.end_byte == len(source)
    assert max(sizes) == SLICE_BYTES == 4096
    assert len(sizes) >= len(source) / SLICE_BYTES

    class Expiring(Deadline):
        @property
        def passed(self):
            return len(sizes) > 5

    sizes.clear()
    with pytest.raises(OutOfTimeError):
        parse_tree(source, grammar("python"), Expiring(60), reader=Recording)
    assert len(sizes) < len(source) / SLICE_BYTES / 2


def test_nothing_of_a_source_stays_in_memory():
    source = b"def one(value):\n    return [value, 2, 3]\n\n\n" * 5_000
    rubble = b"a " * 5_000
    asked = b"exports.one = function (value) { return value; };\n" * 500  # a query reads its names
    tracemalloc.start()
    try:
        for path, text in (("a.py", source), ("a.lua", rubble), ("a.js", asked)):
            parse(path, text)
            before, _ = tracemalloc.get_traced_memory()
            parse(path, text)
            gc.collect()
            after, _ = tracemalloc.get_traced_memory()
            assert after - before < 50_000
    finally:
        tracemalloc.stop()


def test_snippets():
    (unit,) = parse_snippet("fn add(a: u8) -> u8 { a }", "rust").units
    assert (unit.kind, unit.name, unit.language) == (Kind.FUNCTION, "add", "rust")
    for language in (None, "no such language"):
        (unit,) = parse_snippet("anything at all", language).units
        assert (unit.kind, unit.language) == (Kind.WINDOW, "text")
    assert parse_snippet("  \n", "python").units == ()


def test_the_hash_is_of_the_content_not_of_the_place():
    code = b"def one():\n    return 1\n"
    (here,) = parse("a.py", code).units
    there = parse("b/c.py", b"import os\n\n\n" + code).units[-1]
    changed = parse("a.py", code.replace(b"1", b"2")).units[0]
    assert here.content_hash == there.content_hash != changed.content_hash
    assert len(here.content_hash) == 32


def test_asking_for_a_language_does_not_load_tree_sitter():
    code = (
        "import sys, codesearch.languages as l;"
        "l.language_of('a.py');"
        "sys.exit(any(m.startswith('tree_sitter') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# The most that a process took is inherited from who starts it, so Linux is asked in another way.
_RUBBLE = """
from codesearch.languages import parse
print(parse("a.lua", b"a " * 400_000).problems[0].message)
(most,) = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(int(most.split()[1]) >> 10)
"""


def test_rubble_takes_no_more_memory_than_a_file_is_worth():
    command = [sys.executable, "-c", _RUBBLE]
    told, megabytes = subprocess.run(
        command, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    assert told.startswith("read as text")  # its memory is at an end, or on a slow machine its time
    assert int(megabytes) < 800


def test_a_busy_machine_turns_no_code_into_text():
    deadline = Deadline(0.5)
    time.sleep(0.6)
    assert not deadline.passed
