"""Names are split as a person would read them."""

from __future__ import annotations

import pytest

from codesearch.languages.names import split_name, without_arguments

CPP = ("::", "")


@pytest.mark.parametrize(
    ("text", "scope", "name"),
    [
        ("push", "", "push"),
        ("Vec::push", "Vec", "push"),
        ("ns::Vec<std::pair<A, B>>::push", "ns::Vec", "push"),
        ("ns::Type::operator<", "ns::Type", "operator<"),
        ("Type::operator()", "Type", "operator()"),
        ("Type::operator->", "Type", "operator->"),
        ("operator std::string", "", "operator std::string"),
        ("Type::~Type", "Type", "~Type"),
        ("::global", "", "global"),
        ('"quoted::name"', "", "quoted::name"),
        ("a\n  ::b", "a", "b"),
    ],
)
def test_split(text, scope, name):
    assert split_name(text, CPP) == (scope, name)


@pytest.mark.parametrize(
    ("text", "plain"),
    [("Map<K, List<V>>", "Map"), ("*Router[T]", "Router"), ("&'a Tree<'a>", "'a Tree"), ("A", "A")],
)
def test_without_arguments(text, plain):
    assert without_arguments(text) == plain
