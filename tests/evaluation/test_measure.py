"""An evaluation from beginning to end, with a real index of a real copy."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from codesearch.errors import EncoderError, StoreError
from codesearch.evaluation import (
    COMMITS,
    DOCUMENTATION,
    SYSTEMS,
    Plan,
    evaluate,
)
from codesearch.evaluation.masking import write_masked
from codesearch.evaluation.survey import drawn, survey
from codesearch.evaluation.workplace import workplace
from codesearch.languages import parse
from codesearch.paths import all_index_homes, evaluation_home, index_home
from codesearch.settings import EncoderSettings
from codesearch.types import IndexStatus
from tests.evaluation.conftest import BUCKET, CLIENT, FAKE
from tests.evaluation.test_history import silent

SENTENCES = {
    "Sends parcels to one address after another",
    "Deliver a parcel, waiting twice as long after each failure",
    "Tell how heavy a parcel is together with its paper",
    "Compute what a stamp costs for so many grams",
}


def files_of(root: Path) -> dict[str, bytes]:
    return {
        str(one.relative_to(root)): one.read_bytes()
        for one in root.rglob("*")
        if one.is_file() and ".git/" not in str(one)
    }


def test_the_repository_asks_and_nothing_is_left_behind(parcels: Path) -> None:
    before, told = files_of(parcels), []
    report = evaluate(parcels, FAKE, Plan((FAKE.encoder,)), lambda *what: told.append(what[0]))
    by_source = {
        source: {one.text for one in report.questions if one.source == source}
        for source in (DOCUMENTATION, COMMITS)
    }
    # Written twice, in a.go and in bucket.go: nobody could say which one is meant.
    assert by_source[DOCUMENTATION] == SENTENCES
    assert "charge more for heavy letters" in by_source[COMMITS]
    assert report.notes == ()
    [measured] = report.measured
    assert len(measured.asked) == len(SYSTEMS) * len(report.questions)
    assert measured.texts_encoded > 0
    assert {"reading", "copying", "embedding", "asking"} <= set(told)
    assert files_of(parcels) == before
    assert not evaluation_home().exists()
    assert all_index_homes() == []


def test_a_sample_is_drawn_by_its_seed(parcels: Path) -> None:
    found = survey(parcels, FAKE.indexing, silent)
    assert len(drawn(found, None, 0)) == len(SENTENCES)
    draws = [frozenset(one.unit_id for one in drawn(found, 2, seed)) for seed in range(20)]
    assert {len(one) for one in draws} == {2}
    assert draws == [frozenset(one.unit_id for one in drawn(found, 2, n)) for n in range(20)]
    assert len(set(draws)) > 1


def test_the_copy_lacks_what_is_asked_and_nothing_else(parcels: Path, tmp_path: Path) -> None:
    found = survey(parcels, FAKE.indexing, silent)
    [asked] = [one for one in found.documented if "stamp" in one.question.text]
    masked = write_masked(found, [asked], tmp_path / "copy", silent)
    assert masked.documented == [asked]
    text = (masked.root / "net/client.py").read_text()
    blank = " " * len("Compute")
    assert "Compute what" not in text
    assert f'"""{blank} ' in text
    assert text.replace(" ", "") == CLIENT.replace(asked.question.text, "").replace(" ", "")
    assert (masked.root / "limiter/bucket.go").read_text() == BUCKET
    stored = parse("net/client.py", text.encode()).units
    assert all("stamp costs" not in unit.body for unit in stored)


def test_a_question_whose_words_stand_elsewhere_is_dropped(parcels: Path, tmp_path: Path) -> None:
    (parcels / "README.md").write_text(
        "# Stamps\n\nCompute what a stamp costs for so many grams.\n"
    )
    found = survey(parcels, FAKE.indexing, silent)
    masked = write_masked(found, found.documented, tmp_path / "copy", silent)
    assert len(found.documented) == len(SENTENCES)
    assert len(masked.documented) == len(SENTENCES) - 1


def test_encoders_side_by_side(parcels: Path) -> None:
    other = EncoderSettings(name="fake", threads=1)
    plan = Plan((FAKE.encoder, other), sample=1, commits=False)
    first, second = evaluate(parcels, FAKE, plan, silent).measured
    assert [one.ranks for one in first.asked] == [one.ranks for one in second.asked]
    assert second.texts_encoded == first.texts_encoded  # one index, whose counters go on


def test_nothing_to_ask_makes_no_index(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def f():\n    return 1\n")
    report = evaluate(tmp_path, FAKE, Plan((FAKE.encoder,)), silent)
    assert (report.questions, report.measured) == ((), ())
    assert len(report.notes) == 1


def test_a_missing_encoder_is_told_before_any_work(parcels: Path) -> None:
    missing = EncoderSettings(name="/nowhere/at/all")
    with pytest.raises(EncoderError):
        evaluate(parcels, FAKE, Plan((FAKE.encoder, missing)), silent)
    assert not evaluation_home().exists()


def test_an_index_that_stops_is_an_error(parcels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unfinished = IndexStatus(str(parcels), units=3, encoded=1, last_error="no more of this")
    monkeypatch.setattr("codesearch.evaluation.measure.refresh", lambda *_, **__: unfinished)
    with pytest.raises(StoreError, match="no more of this"):
        evaluate(parcels, FAKE, Plan((FAKE.encoder,)), silent)
    assert not evaluation_home().exists()


def test_what_a_killed_evaluation_left_goes_with_the_next(tmp_path: Path) -> None:
    left = evaluation_home() / "999999999-abcd" / "parcels"
    left.mkdir(parents=True)
    index_home(left).mkdir(parents=True)
    with workplace("mine") as folder:
        assert not left.exists()
        assert not index_home(left).exists()
        assert folder.stat().st_mode & 0o077 == 0
    assert not evaluation_home().exists()


def test_a_cache_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CODESEARCH_CACHE_DIR", str(tmp_path / "file"))
    with pytest.raises(StoreError, match="cannot copy"), workplace("mine"):
        pass


def test_plans_are_values() -> None:
    plan = Plan((FAKE.encoder,))
    assert dataclasses.replace(plan, seed=0) == plan
