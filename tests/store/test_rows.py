from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from codesearch.store.searched import searched_words
from codesearch.words import identifiers, split_words
from tests.store.units import unit


def searched(body: str) -> set[str]:
    return set(searched_words(unit("", "f", body=body)).split(" "))


def test_identifiers_are_there_whole_and_in_pieces():
    found = searched("getHTTPResponse2(x.parse_json, $total, save!, @field, naïveÉtat, ДваСлова)")
    assert found >= {"get", "http", "response", "2", "gethttpresponse2"}
    assert found >= {"parse", "json", "parse_json", "total", "$total", "save", "save!"}
    assert found >= {"field", "@field", "naïve", "état", "naïveétat", "два", "слова", "дваслова"}


def test_repeated_words_count():
    assert searched_words(unit(body="stream stream stream")).split(" ").count("stream") == 3


@given(st.text())
def test_no_word_and_no_identifier_of_any_text_is_missing(body: str):
    body = body.replace("\0", " ")
    expected = {*split_words(body), *(name.lower() for name in identifiers(body))}
    assert expected <= searched(body)
