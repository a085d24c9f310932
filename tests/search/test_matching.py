from __future__ import annotations

import pytest

from codesearch.search.matching import agreement, coverage, root, roots


@pytest.mark.parametrize(
    "forms",
    [
        ["route", "routes", "routing", "routed", "router", "routers"],
        ["cache", "caches", "caching", "cached"],
        ["query", "queries"],
        ["log", "logs", "logging", "logger"],
        ["class", "classes"],
        ["execute", "execution", "executor", "executing"],
    ],
)
def test_forms_of_one_word_have_one_root(forms: list[str]) -> None:
    assert len({root(form) for form in forms}) == 1


@pytest.mark.parametrize("word", ["ring", "red", "string", "comment", "is", "g"])
def test_words_that_only_look_like_forms_stay(word: str) -> None:
    assert root(word) == word


def test_roots_are_of_the_words_of_identifiers() -> None:
    assert roots("getParsedConfigs_config") == ("get", "pars", "config")


def test_short_forms_match() -> None:
    asked = roots("request arguments configuration")
    assert coverage(asked, roots("req_args_config")) == 1.0
    assert coverage(asked, roots("req_args")) == pytest.approx(1 - coverage(asked, roots("config")))
    assert coverage(roots("a b"), roots("ab")) == 0.0


def test_earlier_words_of_a_question_weigh_more() -> None:
    asked = roots("cookie store for sessions")
    for measure in (agreement, coverage):
        assert measure(asked, roots("cookie")) > measure(asked, roots("sessions")) > 0.0


def test_a_name_agrees_best_when_it_says_just_what_is_asked() -> None:
    asked = roots("parse the config")[:1] + roots("config")
    exact, short, long = (
        agreement(asked, roots(name))
        for name in ("parse_config", "parse", "parse_config_of_old_tests")
    )
    assert exact == 1.0
    assert exact > short > 0.0
    assert exact > long > 0.0
    assert agreement(asked, roots("send")) == 0.0
    assert agreement((), roots("send")) == agreement(asked, ()) == 0.0
