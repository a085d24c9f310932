"""Parsing in a helper process: the same units, and a grammar's crash costs the structure alone."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from codesearch.languages import apart, parsing
from codesearch.types import Kind

SOURCE = b"class Cart:\n    def total(self):\n        return sum(self.prices)\n"


@pytest.fixture(autouse=True)
def kept_apart() -> Iterator[None]:
    apart.keep_apart()
    helper = apart._Place.helper
    assert helper is not None
    yield
    helper.close()
    apart._Place.helper = None


def crash(*_: object) -> None:
    os.abort()


def test_the_same_units_come_out() -> None:
    assert apart.parse("a.py", SOURCE) == parsing.parse("a.py", SOURCE)
    assert apart.parse("a.bin", b"\0" * 99) == parsing.parse("a.bin", b"\0" * 99)
    text = SOURCE.decode()
    assert apart.parse_snippet(text, "python") == parsing.parse_snippet(text, "python")


def test_a_crash_leaves_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "parse", crash)
    parsed = apart.parse("a.py", SOURCE)
    assert [unit.kind for unit in parsed.units] == [Kind.WINDOW]
    assert "total" in parsed.units[0].body


def test_after_a_crash_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as crashing:
        crashing.setattr(parsing, "parse", crash)
        apart.parse("a.py", SOURCE)
    assert "total" in {unit.name for unit in apart.parse("a.py", SOURCE).units}
