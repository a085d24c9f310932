"""Answers added up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codesearch.evaluation import (
    COMMITS,
    DOCUMENTATION,
    EVERYTHING,
    WORDS_ONLY,
    Asked,
    Measured,
    Question,
    Report,
)
from codesearch.evaluation.figures import ALL, figures, query_milliseconds, record


def question(source: str, language: str, text: str) -> Question:
    answers = frozenset({(f"a.{language}", 0, 9, "function")})
    return Question(source, text, language, answers, f"a.{language}: f")


QUESTIONS = (
    question(DOCUMENTATION, "go", "wait for it"),
    question(DOCUMENTATION, "python", "wait for it no longer"),
    question(COMMITS, "go", "do not wait"),
)
ASKED = (
    Asked(QUESTIONS[0], EVERYTHING, (1,), 10.0),
    Asked(QUESTIONS[0], WORDS_ONLY, (2,), 1.0),
    Asked(QUESTIONS[1], EVERYTHING, (), 30.0),
    Asked(QUESTIONS[1], WORDS_ONLY, (1,), 1.0),
    Asked(QUESTIONS[2], EVERYTHING, (4,), 20.0),
    Asked(QUESTIONS[2], WORDS_ONLY, (60,), 1.0),
)


def test_means_by_source_language_and_system() -> None:
    rows = {
        (one.source, one.language, one.system): (one.questions, one.means["mrr"])
        for one in figures(ASKED)
    }
    assert rows == {
        (DOCUMENTATION, ALL, EVERYTHING): (2, 0.5),
        (DOCUMENTATION, ALL, WORDS_ONLY): (2, 0.75),
        (DOCUMENTATION, "go", EVERYTHING): (1, 1.0),
        (DOCUMENTATION, "go", WORDS_ONLY): (1, 0.5),
        (DOCUMENTATION, "python", EVERYTHING): (1, 0.0),
        (DOCUMENTATION, "python", WORDS_ONLY): (1, 1.0),
        (COMMITS, ALL, EVERYTHING): (1, 0.25),  # of one language, which needs no row of its own
        (COMMITS, ALL, WORDS_ONLY): (1, 0.0),
    }


def test_times_are_those_of_everything() -> None:
    assert query_milliseconds(ASKED) == {"p50": 20.0, "p95": 30.0}


def test_the_record_holds_every_question() -> None:
    measured = Measured("fake", "f1", 1.234, 5, ASKED)
    report = Report(Path("/r"), 7, QUESTIONS, (measured,), ("a note",))
    found = json.loads(json.dumps(record(report)))
    assert (found["units"], found["questions"], found["notes"]) == (7, 3, ["a note"])
    [encoder] = found["encoders"]
    assert [one["query"] for one in encoder["answers"]] == [one.text for one in QUESTIONS]
    assert encoder["answers"][1]["ranks"] == {EVERYTHING: [], WORDS_ONLY: [1]}
    assert encoder["figures"][0]["ndcg10"] == pytest.approx(0.5)
