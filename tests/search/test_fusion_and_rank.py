from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from codesearch.search.fusion import fuse
from codesearch.search.rank import is_test, rank
from codesearch.search.recall import View
from codesearch.search.understand import understand
from codesearch.store import Found, StoredUnit
from codesearch.types import Kind, Query, Span


def unit(
    name: str, path: str = "a.py", kind: Kind = Kind.FUNCTION, qualified: str = ""
) -> StoredUnit:
    span = Span(0, 10, 0, 0)
    return StoredUnit(
        path=path,
        language="python",
        kind=kind,
        name=name,
        qualified_name=qualified or name,
        signature="",
        documentation="",
        span=span,
        name_span=span,
        content_hash="",
        encoded=True,
    )


def view(name: str, *units: StoredUnit) -> View:
    return View(name, tuple(Found(one, 1.0) for one in units))


def ranked(text: str, *views: View) -> list[str]:
    found = rank(fuse(views), understand(Query(text)))
    return [candidate.unit.path for candidate in found]


def test_first_in_every_view_scores_one() -> None:
    first, second = unit("f", "1"), unit("g", "2")
    found = fuse([view("vector", first, second), view("words", first), view("name")])
    assert found[0].score == pytest.approx(1.0)
    assert found[0].views == ("vector", "words")
    assert found[1].views == ("vector",)


def test_two_views_outvote_the_first_place_of_one() -> None:
    best, fair = unit("f", "best"), unit("g", "fair")
    others = [unit("x", f"x{number}") for number in range(3)]
    found = fuse([view("vector", best, *others, fair), view("words", *others[:2], fair)])
    assert [candidate.unit.path for candidate in found].index("fair") < [
        candidate.unit.path for candidate in found
    ].index("best")


def test_nothing_found_is_nothing() -> None:
    assert fuse([view("vector"), view("words")]) == []


def test_parts_add_up_to_the_score() -> None:
    test = unit("send", "vendor/tests/a.py", Kind.CONSTRUCTOR)
    [found] = rank(fuse([view("words", test), view("name", test)]), understand(Query("send")))
    assert {"words", "name", "test", "vendored", "definition", "constructor"} <= set(found.parts)
    assert found.score == pytest.approx(sum(found.parts.values()))


def test_the_closest_definition_comes_first() -> None:
    mention = unit("handler", "mention")
    style = unit("parse_config", "other style")
    case = unit("PARSECONFIG", "other case")
    exact = unit("parseConfig", "exact")
    views = [view("vector", mention, style, case, exact), view("words", mention)]
    assert ranked("parseConfig", *views) == ["exact", "other case", "other style", "mention"]


def test_a_window_named_like_the_query_is_no_definition() -> None:
    window, function = unit("send", "window", Kind.WINDOW), unit("send", "function")
    assert ranked("send", view("words", window), view("name", function))[0] == "function"


@pytest.mark.parametrize("text", ["Client.send", "Client::send", "client->send", "Client#send()"])
def test_a_qualifier_chooses_among_definitions(text: str) -> None:
    other = unit("send", "other", qualified="Server.send")
    meant = unit("send", "meant", qualified="Client.send")
    assert ranked(text, view("name", other, meant), view("words", other))[0] == "meant"


def test_a_qualifier_may_be_the_module() -> None:
    other, meant = unit("send", "server.py"), unit("send", "net/client.py")
    assert ranked("net.client.send", view("name", other, meant))[0] == "net/client.py"


def test_definitions_whose_qualifier_differs_still_come_before_mentions() -> None:
    mention, inherited = unit("x", "mention"), unit("send", "base", qualified="Base.send")
    assert ranked("client.send", view("vector", mention, inherited))[0] == "base"


def test_tests_and_vendored_code_stand_back_unless_asked_for() -> None:
    test, own = unit("f", "tests/test_retry.py"), unit("g", "src/retry.py")
    copy = unit("h", "vendor/retry.py")
    views = [view("vector", test, copy, own)]
    assert ranked("delay before retry", *views) == [own.path, test.path, copy.path]
    assert ranked("test of delay before retry", *views)[0] == test.path
    asked = "delay before retry path:tests path:vendor path:src"
    assert ranked(asked, *views) == [test.path, copy.path, own.path]


def test_definitions_stand_before_windows() -> None:
    window, function = unit("a.py", "window", Kind.WINDOW), unit("f", "function")
    assert ranked("some words here", view("vector", window, function))[0] == "function"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tests/helpers.py", True),
        ("src/__tests__/a.js", True),
        ("test_retry.py", True),
        ("retry_test.go", True),
        ("retry.spec.ts", True),
        ("RetryTest.java", True),
        ("spec/retry_spec.rb", True),
        ("contest/latest.py", False),
        ("src/attest.py", False),
        ("src/Greatest.java", False),
    ],
)
def test_which_files_are_tests(path: str, expected: bool) -> None:
    assert is_test(PurePosixPath(path)) is expected
