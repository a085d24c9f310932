from __future__ import annotations

import pytest

from codesearch.search.near import near_names

NAMES = (
    "get_user",
    "getUserName",
    "parseConfig",
    "serialize",
    "Serializer",
    "send",
    "__init__",
    "+",
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("getUsr", "get_user"),
        ("parse_cfg", "parseConfig"),
        ("serialze", "serialize"),
        ("seralizer", "Serializer"),
        ("getUserN", "getUserName"),
        ("UserName", "getUserName"),
        ("sned", "send"),
    ],
)
def test_what_was_meant_is_the_nearest(typed: str, meant: str) -> None:
    assert near_names(typed, NAMES, 3)[0][0] == meant


@pytest.mark.parametrize("typed", ["", "se", "++", "transaction", "user_of_nothing"])
def test_what_is_not_near_is_left_out(typed: str) -> None:
    assert near_names(typed, NAMES, 3) == []


def test_closeness_is_a_share() -> None:
    found = near_names("serialize", NAMES, 5)
    assert [name for name, _ in found] == ["serialize", "Serializer"]
    assert found[0][1] == 1.0
    assert all(0.0 < closeness <= 1.0 for _, closeness in found)
