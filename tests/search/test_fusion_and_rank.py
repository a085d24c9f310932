from __future__ import annotations

from collections.abc import Callable

import pytest

from codesearch.search.fusion import Candidate, blend, fuse_ranks
from codesearch.search.places import is_prose, is_test
from codesearch.search.rank import rank
from codesearch.search.recall import View
from codesearch.search.stages import ALL_STAGES, Stages
from codesearch.search.understand import understand
from codesearch.store import Found, StoredUnit
from codesearch.types import Kind, Query, Span


def unit(
    name: str,
    path: str = "a.py",
    kind: Kind = Kind.FUNCTION,
    qualified: str = "",
    at: int = 0,
) -> StoredUnit:
    span = Span(at, at + 10, at, at)
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
    """A view whose scores fall slowly."""
    return View(name, tuple(Found(one, 0.9 - 0.01 * at) for at, one in enumerate(units)))


def hits(text: str, *views: View, stages: Stages = ALL_STAGES) -> list[Candidate]:
    query = understand(Query(text))
    return rank(blend(views), query, stages)


def ranked(text: str, *views: View, stages: Stages = ALL_STAGES) -> list[str]:
    return [candidate.unit.path for candidate in hits(text, *views, stages=stages)]


@pytest.mark.parametrize("fuse", [fuse_ranks, blend])
def test_first_in_every_view_scores_one(fuse: Callable[[list[View]], list[Candidate]]) -> None:
    first, second = unit("f", "1"), unit("g", "2")
    found = fuse([view("vector", first, second), view("words", first), view("name")])
    assert found[0].score == pytest.approx(1.0)
    assert found[0].views == ("vector", "words")
    assert found[1].views == ("vector",)
    assert fuse([view("vector"), view("words")]) == []


def test_words_alone_count_fully() -> None:
    [found] = blend([view("vector"), view("words", unit("f"))])
    assert found.parts == {"words": 1.0}


def test_a_view_tells_how_far_a_unit_is_from_the_best() -> None:
    best, close, far = unit("a", "1"), unit("b", "2"), unit("c", "3")
    scores = [(best, 0.8), (close, 0.78), (far, 0.3)]
    cosines = View("vector", tuple(Found(one, score) for one, score in scores))
    by_path = {found.unit.path: found.score for found in blend([cosines])}
    assert by_path == pytest.approx({"1": 1.0, "2": 0.96, "3": 0.0})


def test_two_views_outvote_the_first_place_of_one() -> None:
    best, fair = unit("f", "best"), unit("g", "fair")
    others = [unit("x", f"x{number}") for number in range(3)]
    found = fuse_ranks([view("vector", best, *others, fair), view("words", *others[:2], fair)])
    paths = [candidate.unit.path for candidate in found]
    assert paths.index("fair") < paths.index("best")


def test_parts_add_up_to_the_score() -> None:
    test = unit("send", "vendor/tests/a.py", Kind.CONSTRUCTOR)
    [found] = hits("send", view("words", test), view("name", test))
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


def test_no_evidence_outweighs_a_definition() -> None:
    everything = unit("send_it", "send/send.py", qualified="send.send_it")
    meant = unit("send", "vendor/tests/other.py", Kind.CONSTRUCTOR)
    views = [view("vector", everything), view("words", everything), view("name", everything)]
    assert ranked("send", *views, view("path", meant))[0] == meant.path


def test_a_name_may_hold_spaces_and_brackets() -> None:
    other = unit("Show (Either a b)", "other", qualified="Text.Show (Either a b)")
    meant = unit("Show (Maybe a)", "meant", qualified="Text.Show (Maybe a)")
    for text in (meant.name, meant.qualified_name):
        assert ranked(text, view("vector", other, meant))[0] == "meant"


def test_the_whole_qualified_name_chooses() -> None:
    other = unit("send", "other", qualified="tests.net.Client.send")
    meant = unit("send", "meant", qualified="net.Client.send")
    assert ranked("net.Client.send", view("vector", other, meant))[0] == "meant"


def test_the_whole_qualified_name_stands_before_a_file_of_that_name() -> None:
    named = unit("load", "core/loader.lua", qualified="M.load")
    typed = unit("load", "core/cache.lua", qualified="Loader.load")
    assert ranked("Loader.load", view("name", named, typed)) == [typed.path, named.path]


def test_a_qualifier_may_be_the_module() -> None:
    other, meant = unit("send", "server.py"), unit("send", "net/client.py")
    assert ranked("net.client.send", view("name", other, meant))[0] == "net/client.py"


def test_definitions_whose_qualifier_differs_still_come_before_mentions() -> None:
    mention, inherited = unit("x", "mention"), unit("send", "base", qualified="Base.send")
    assert ranked("client.send", view("vector", mention, inherited))[0] == "base"


def test_tests_and_vendored_code_stand_back_unless_asked_for() -> None:
    test, own = unit("f", "tests/retry.py"), unit("g", "src/retry.py")
    copy = unit("h", "vendor/retry.py")
    views = [view("vector", test, copy, own)]
    assert ranked("delay before retry", *views) == [own.path, test.path, copy.path]
    assert ranked("test of delay before retry", *views)[0] == test.path
    asked = "delay before retry path:tests path:vendor path:src"
    assert ranked(asked, *views) == [test.path, copy.path, own.path]


def test_definitions_stand_before_windows() -> None:
    window, function = unit("a.py", "window", Kind.WINDOW), unit("f", "function")
    assert ranked("some words here", view("vector", window, function))[0] == "function"


def test_a_unit_named_for_the_question_stands_before_those_that_mention_it() -> None:
    mention, named = unit("run", "a"), unit("parse_options", "b")
    views = [view("vector", mention, named)]
    assert ranked("parsing of options", *views) == ["b", "a"]
    assert ranked("parsing of options", *views, stages=Stages(own_names=False)) == ["a", "b"]


def test_a_file_of_which_many_units_answer_comes_first() -> None:
    alone, some = unit("a", "alone"), [unit(f"f{at}", "many", at=at) for at in range(3)]
    views = [view("vector", alone, *some)]
    assert ranked("some words here", *views)[0] == "many"
    assert ranked("some words here", *views, stages=Stages(coherence=False))[0] == "alone"


def test_the_best_unit_by_words_speaks_for_its_file() -> None:
    best, fair = unit("f", "best"), unit("g", "fair")
    by_words = View("words", (Found(best, 8.0), Found(fair, 4.0)))
    found = {one.unit.path: one.parts["file words"] for one in hits("some words", by_words)}
    assert found["best"] == pytest.approx(2 * found["fair"])


@pytest.mark.parametrize("path", ["routing.py", "routing/mod.rs", "web/routes.go"])
def test_files_and_folders_are_named_for_what_is_in_them(path: str) -> None:
    other, meant = unit("f", "other.py"), unit("g", path)
    assert ranked("how is a route found", view("vector", other, meant))[0] == path


def test_one_file_does_not_fill_the_page() -> None:
    flood, other = [unit(f"f{at}", "big", at=at) for at in range(3)], unit("g", "other")
    views = [view("vector", *flood, other)]
    assert ranked("some words here", *views) == ["big", "other", "big", "big"]
    assert ranked("some words here", *views, stages=Stages(once=False))[-1] == "other"


def test_later_hits_of_a_file_are_explained_too() -> None:
    found = hits("big", view("vector", *[unit(f"f{at}", "big", at=at) for at in range(3)]))
    assert ["file" in hit.parts for hit in found] == [True, False, False]
    assert ["same file" in hit.parts for hit in found] == [False, True, True]
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)


@pytest.mark.parametrize(
    ("path", "expected"), [("docs/a.md", True), ("a.rst", True), ("md.py", False)]
)
def test_which_files_are_prose(path: str, expected: bool) -> None:
    assert is_prose(path) is expected


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
        ("test-dates.R", True),
        ("test_functions.bash", False),
        ("contest/latest.py", False),
        ("src/attest.py", False),
        ("src/Greatest.java", False),
    ],
)
def test_which_files_are_tests(path: str, expected: bool) -> None:
    assert is_test(path) is expected
