"""Identifier splitting: what is typed must meet what is stored."""

from __future__ import annotations

import pytest

from codesearch.words import identifiers, split_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("parse_json", "parse json"),
        ("getHTTPResponse2", "get http response 2"),
        ("XMLHttpRequest", "xml http request"),
        ("IOError", "io error"),
        ("HTML5Parser", "html 5 parser"),
        ("SCREAMING_SNAKE_9", "screaming snake 9"),
        ("größeÄndern ÉtatSolide", "größe ändern état solide"),
        ("日本語Text", "日本語 text"),
        ("a->b::c.d#e", "a b c d e"),
        ("", ""),
        ("{} ;;", ""),
    ],
)
def test_split_words(text: str, words: str) -> None:
    assert split_words(text) == words.split()


def test_identifiers_are_kept_as_written() -> None:
    assert identifiers("self.fooBar = baz_2(empty?, $x)") == [
        "self",
        "fooBar",
        "baz_2",
        "empty?",
        "$x",
    ]
