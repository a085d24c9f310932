"""Exactly which units come out of real-looking code, for every language of the registry."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from codesearch.languages import LANGUAGES, ParseLimits, broken_grammars, language_of, parse
from codesearch.languages.grammar import definitions_query
from codesearch.types import Kind
from tests.languages.show import FIXTURES, units_text

SAMPLES = sorted(
    file for file in FIXTURES.glob("*/*") if file.is_file() and file.suffix != ".units"
)
GENEROUS = ParseLimits(seconds=60)


def sample_id(file: Path) -> str:
    return f"{file.parent.name}/{file.name}"


@pytest.mark.parametrize("file", SAMPLES, ids=sample_id)
def test_sample_gives_exactly_these_units(file):
    """`python -m tests.languages.show --write FILE` rewrites the expectation, for review."""
    assert units_text(file) == file.with_suffix(".units").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_language_has_a_query_and_a_sample_in_its_folder(name):
    assert definitions_query(name).pattern_count > 1
    samples = [file for file in SAMPLES if file.parent.name == name]
    assert samples
    assert {language_of(file.name, file.read_bytes()) for file in samples} == {name}


@pytest.mark.parametrize("file", SAMPLES, ids=sample_id)
def test_spans_are_where_the_text_is(file):
    source = file.read_bytes()
    lines = source.split(b"\n")
    for unit in parse(file.name, source, GENEROUS).units:
        for span in (unit.span, unit.name_span):
            before = source[: span.start_byte]
            assert span.start_line == before.count(b"\n")
            assert span.start_column == len(before.rsplit(b"\n", 1)[-1])
            assert span.end_column <= len(lines[span.end_line])
            assert source[span.start_byte : span.end_byte].strip()
        assert unit.name_span.start_byte >= unit.span.start_byte
        assert unit.name_span.end_byte <= unit.span.end_byte
        if unit.kind in {Kind.FUNCTION, Kind.METHOD, Kind.CONSTRUCTOR}:
            assert unit.body == source[unit.span.start_byte : unit.span.end_byte].decode()


@pytest.mark.parametrize("file", SAMPLES, ids=sample_id)
def test_units_are_ordered_and_their_ids_are_unique(file):
    units = parse(file.name, file.read_bytes(), GENEROUS).units
    starts = [unit.span.start_byte for unit in units]
    assert starts == sorted(starts)
    assert len({unit.id for unit in units}) == len(units)
    for unit in units:
        assert "\n" not in unit.signature
        assert len(unit.signature) <= 300


def test_no_grammar_is_broken(monkeypatch):
    assert broken_grammars() == []
    broken = dataclasses.replace(LANGUAGES["go"], name="nogo", grammar="no_such_wheel")
    monkeypatch.setattr(
        "codesearch.languages.grammar.LANGUAGES", {"nogo": broken, "go": LANGUAGES["go"]}
    )
    assert broken_grammars() == ["nogo"]
