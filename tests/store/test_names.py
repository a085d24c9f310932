from __future__ import annotations

import pytest

from codesearch.store.names import name_parts, name_score


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Foo::bar", ["Foo", "bar"]),
        ("Foo<T>.bar()", ["Foo", "bar"]),
        ("Foo#bar?", ["Foo", "bar?"]),
        ("foo...", ["foo"]),
        ("Point::==", ["Point", "=="]),
        ("Data.Aeson..:?", ["Data", "Aeson", ".:?"]),
        ("Data.Aeson..!=", ["Data", "Aeson", ".!="]),
    ],
)
def test_a_name_and_what_it_belongs_to(name: str, parts: list[str]) -> None:
    assert name_parts(name) == parts


def test_an_operator_is_found_by_its_qualified_name() -> None:
    assert name_score("Data.Aeson..:?", ".:?", "Data.Aeson..:?") == 1.0
    assert name_score("Aeson..:?", ".:?", "Data.Aeson..:?") == 1.0
    assert name_score("Other..:?", ".:?", "Data.Aeson..:?") == 0.0
