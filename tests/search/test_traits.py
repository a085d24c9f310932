from __future__ import annotations

import pytest

from codesearch.search.traits import likeness, name_of, shape_of

RETRY = """\
def retry(request, attempts=5):
    # Wait twice as long each time.
    pause = 0.1
    for _ in range(attempts):
        try:
            return transport.deliver(request)
        except ConnectionError:
            sleep(pause)
            pause *= 2
"""
OTHER = """\
def parse_config(text):
    pairs = [line.split("=", 1) for line in text.splitlines()]
    return {key.strip(): value.strip() for key, value in pairs}
"""


def alike(one: str, other: str) -> float:
    """How alike two shapes are, seen beside a third."""
    return likeness(shape_of(one), [shape_of(other), shape_of("while x { y++; }")])[0]


@pytest.mark.parametrize(
    "other",
    [
        RETRY.replace("attempts", "tries").replace("request", "letter").replace("pause", "gap"),
        RETRY.replace("    # Wait twice as long each time.\n", ""),
        RETRY.replace("    ", "\t").replace("\n", "\n\n"),
        RETRY.replace("5", "9").replace("0.1", "17"),
    ],
    ids=["names", "comments", "blanks", "literals"],
)
def test_what_the_author_chose_is_no_part_of_the_shape(other: str) -> None:
    assert alike(RETRY, other) == pytest.approx(1.0)


def test_what_is_called_belongs_to_the_shape_but_not_to_all_of_it() -> None:
    called = RETRY.replace("deliver", "post").replace("sleep", "rest").replace("range", "span")
    assert 0.3 < alike(RETRY, called) < 0.95


def test_other_code_is_hardly_alike() -> None:
    assert alike(RETRY, OTHER) < 0.4


def test_strings_and_comments_of_several_languages_are_no_code() -> None:
    plain = "total = f(a, b)\nreturn total"
    for comment in ("// f(x) = y\n", "/* if (a) {\n b } */\n", "# for x in y\n", "-- end if\n"):
        assert alike(plain, comment + plain) == pytest.approx(1.0), comment
    assert alike('say("f(a) + g(b)")', "say('')") == pytest.approx(1.0)


def test_what_all_have_weighs_least() -> None:
    own = name_of("readStringValue")
    rare, common = likeness(own, [name_of("readString"), name_of("readNumber")])
    others = [name_of(f"read{word}") for word in ("Byte", "Char", "Long", "Short")]
    among_many = likeness(own, [name_of("readString"), name_of("readNumber"), *others])
    assert rare > common > 0
    assert among_many[1] < common


def test_nothing_is_like_nothing() -> None:
    assert likeness(shape_of(""), []) == []
    assert likeness(shape_of(""), [shape_of(""), shape_of(RETRY)]) == [0.0, 0.0]
    assert likeness(shape_of(RETRY), [shape_of("")]) == [0.0]
    assert likeness(name_of(""), [name_of("send")]) == [0.0]


def test_names_are_compared_by_their_words() -> None:
    found = likeness(name_of("parse_configs"), [name_of("parseConfig"), name_of("send")])
    assert found == [pytest.approx(1.0), 0.0]


def test_text_that_is_no_code_is_read_all_the_same() -> None:
    for text in ("\x00\xff", "'" * 999, '"' * 999, "/*" * 999, "é ß 漢字", "\n" * 50):
        assert len(shape_of(text).features) == len(shape_of(text).amounts)
