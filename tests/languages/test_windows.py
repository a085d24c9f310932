"""Everything that no named unit speaks for is found in a window."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codesearch.languages import LANGUAGES, ParseLimits, parse
from codesearch.languages.windows import WINDOW_BYTES
from codesearch.types import Kind
from tests.languages.show import FIXTURES

SAMPLES = {
    file.parent.name: file.read_text(encoding="utf-8")
    for file in sorted(FIXTURES.glob("*/*"))
    if file.suffix != ".units"
}
EXTENSIONS = {name: LANGUAGES[name].extensions[0] for name in SAMPLES}


GENEROUS = ParseLimits(seconds=60)
# Lines of a single word, and those that only close what another line opened.
SILENT = re.compile(r"\W*\w*\W*$|\s*[\])}]+[;,]?\s*(?://|/\*)|\s*#\s*(?:endif|else)\b")


def uncovered_lines(path: str, text: str) -> list[str]:
    """Lines with words that neither a unit's lines nor any documentation hold."""
    units = parse(path, text.encode(), GENEROUS).units
    left = set(range(text.count("\n") + 1))
    for unit in units:
        left -= set(range(unit.span.start_line, unit.span.end_line + 1))
    said = {word for unit in units for word in re.findall(r"\w+", unit.documentation)}
    lines = [line for row, line in enumerate(text.split("\n")) if row in left]
    return [line for line in lines if not SILENT.match(line) and not words_of(line) <= said]


def words_of(line: str) -> set[str]:
    """Words of a comment line, those of its markup left out."""
    return set(re.findall(r"\w+", re.sub(r"</?\w[^>]*>", "", line)))


@pytest.mark.parametrize("language", SAMPLES)
def test_no_line_of_a_sample_is_lost(language):
    assert uncovered_lines("sample" + EXTENSIONS[language], SAMPLES[language]) == []


LINES = sorted({line for text in SAMPLES.values() for line in text.split("\n")})


@settings(max_examples=60, deadline=None)
@given(
    language=st.sampled_from(sorted(SAMPLES)),
    lines=st.lists(st.sampled_from(LINES), max_size=40),
)
def test_no_line_of_scrambled_code_is_lost(language, lines):
    assert uncovered_lines("scrambled" + EXTENSIONS[language], "\n".join(lines)) == []


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=400))
def test_no_line_of_any_text_is_lost(text):
    text = text.replace("\0", "")
    covered = [unit.span for unit in parse("notes.txt", text.encode()).units]
    for row, line in enumerate(text.encode().split(b"\n")):
        if re.search(r"\w", line.decode()):
            assert any(span.contains_line(row) for span in covered)


def test_windows_keep_to_their_limits_and_do_not_overlap():
    text = "\n".join(f"setting_{i} = value {i}" for i in range(500))
    units = parse("app.conf", text.encode(), ParseLimits(window_lines=20)).units
    assert all(unit.kind is Kind.WINDOW for unit in units)
    assert all(unit.body.count("\n") < 20 for unit in units)
    assert all(len(unit.body.encode()) <= WINDOW_BYTES for unit in units)
    assert "\n".join(unit.body for unit in units) == text


def test_windows_are_cut_at_blank_lines():
    blocks = ["\n".join(f"line {block} {i}" for i in range(9)) for block in range(12)]
    units = parse("notes.txt", "\n\n".join(blocks).encode(), ParseLimits(window_lines=25)).units
    assert [unit.body for unit in units] == [
        "\n\n".join(blocks[i : i + 2]) for i in range(0, 12, 2)
    ]


def test_windows_are_cut_at_statements():
    statement = "call(\n" + "".join(f"    argument_{i},\n" for i in range(8)) + ")\n"
    units = parse("script.py", (statement * 10).encode(), ParseLimits(window_lines=25)).units
    assert [unit.body for unit in units] == [(statement * 2).rstrip()] * 5


def test_a_very_long_line_is_cut_between_words_and_letters():
    prose = parse("a.txt", ("word " * 4000).encode()).units
    assert all(len(unit.body.encode()) <= 2 * WINDOW_BYTES for unit in prose)
    assert "".join(unit.body for unit in prose).replace(" ", "") == "word" * 4000
    solid = parse("a.txt", ("ß" * 3000 + " x" * 900).encode()).units
    assert len(solid) > 1
    assert not any("\ufffd" in unit.body for unit in solid)


def test_markdown_is_cut_at_its_headings():
    text = "intro\n\n# Install ##\n\nrun it\n\n```sh\n# no heading\n```\n\n## Use\n\nsearch\n"
    units = parse("docs/guide.md", text.encode()).units
    assert [unit.name for unit in units] == ["guide.md", "Install", "Use"]
    assert units[1].body.endswith("# no heading\n```")
    assert {unit.qualified_name for unit in units} == {"docs/guide.md"}


def test_lines_without_words_make_no_window():
    source = b"def f():\n    pass\n\n# ------\n\n\ndef g():\n    pass\n"
    assert [unit.kind for unit in parse("a.py", source).units] == [Kind.FUNCTION] * 2


def test_lines_that_only_close_something_make_no_window():
    source = b"#if A\nint f() { return 1; }\n#else\nint g() { return 2; }\n#endif // A\n"
    assert [unit.body for unit in parse("a.c", source).units if unit.kind is Kind.WINDOW] == [
        "#if A"
    ]
    source = b"namespace a {\nint f() { return 1; }\n}  // namespace a\n"
    assert [unit.name for unit in parse("a.cc", source).units] == ["a.cc", "f"]


def test_what_a_long_header_leaves_out_is_in_windows():
    fields = "".join(f"    field_{i}: int = {i}\n" for i in range(400))
    units = parse("a.py", b"class Big:\n" + fields.encode()).units
    assert [unit.kind for unit in units[:2]] == [Kind.CLASS, Kind.WINDOW]
    bodies = "\n".join(unit.body for unit in units)
    assert all(f"field_{i}:" in bodies for i in range(400))
    assert len(units[0].body) < 3_000


def test_code_around_a_function_on_the_same_line_is_found():
    source = b"describe('the parser reads', function reads() {\n  check();\n});\n"
    units = parse("a.js", source).units
    assert any("the parser reads" in unit.body for unit in units)


def test_the_hash_of_a_window_does_not_depend_on_its_place():
    one, other = parse("a.txt", b"same words").units + parse("b/c.txt", b"\n\nsame words\n").units
    assert one.content_hash == other.content_hash
    assert one.span != other.span


def test_a_closing_line_that_says_much_makes_a_window():
    text = "} /// " + "played from start to end, one track after another " * 50
    assert parse("Player.swift", text.encode()).units
