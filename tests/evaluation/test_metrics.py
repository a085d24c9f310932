"""The metrics, by hand."""

from __future__ import annotations

import math

import pytest

from codesearch.evaluation.metrics import mean, percentile, scores


def test_one_answer_in_third_place() -> None:
    assert scores([3], 1) == {
        "ndcg10": pytest.approx(0.5),
        "mrr": pytest.approx(1 / 3),
        "hit1": 0.0,
        "hit5": 1.0,
        "recall50": 1.0,
    }


def test_one_of_two_answers_first() -> None:
    found = scores([1], 2)
    assert found["ndcg10"] == pytest.approx(1 / (1 + 1 / math.log2(3)))
    assert (found["mrr"], found["hit1"], found["recall50"]) == (1.0, 1.0, 0.5)


def test_what_stands_below_the_page_counts_for_recall_alone() -> None:
    assert scores([11], 1) == {"ndcg10": 0, "mrr": 0, "hit1": 0, "hit5": 0, "recall50": 1}


def test_nothing_found() -> None:
    assert set(scores([], 1).values()) == {0.0}


def test_mean_and_percentile() -> None:
    assert mean([{"a": 1.0}, {"a": 2.0}]) == {"a": 1.5}
    assert [percentile([4, 1, 3, 2], percent) for percent in (50, 95, 100)] == [2, 4, 4]
