"""Which sentences ask for something."""

from __future__ import annotations

import pytest

from codesearch.evaluation.questions import change_of, first_sentence, is_sentence
from codesearch.languages import parse
from codesearch.types import Unit


def go_unit(documentation: str, name: str = "TokenBucket") -> Unit:
    lines = "\n".join(f"// {line}" for line in documentation.splitlines())
    units = parse("a.go", f"package a\n\n{lines}\nfunc {name}() {{\n}}\n".encode()).units
    return next(unit for unit in units if unit.name == name)


@pytest.mark.parametrize(
    ("documentation", "sentence"),
    [
        ("Waits until the parcel is there. Then leaves.", "Waits until the parcel is there"),
        ("Waits until the\nparcel is there", "Waits until the parcel is there"),
        ("Waits, e.g. for a parcel, and leaves.", "Waits, e.g. for a parcel, and leaves"),
        ("Reads version 1.2 of the format. More.", "Reads version 1.2 of the format"),
        ("Waits for the parcel\nseconds: how long", "Waits for the parcel"),
        ("Waits for the parcel\n@param seconds how long", "Waits for the parcel"),
        ("TokenBucket limits how often it happens.", "limits how often it happens"),
        ("The `TokenBucket()` limits how often it happens.", "limits how often it happens"),
        ("Wraps {@link Parcel} in brown paper.", "Wraps Parcel in brown paper"),
        ("Wraps a :class:`~post.Parcel` in paper.", "Wraps a post.Parcel in paper"),
        ("Opens <b>every</b> parcel of [Post].", "Opens every parcel of Post"),
        ("Too few words.", ""),
        ("Is like TokenBucket but for parcels only.", ""),
        ("Copyright 2020 the authors of all this.", ""),
        ("TODO: wait until the parcel is there", ""),
        ("x = parcel.wait(10); return the parcel now", ""),
        ("@param parcel what is to be waited for", ""),
        ("1 2 3 4 5 6 7 8 words in a table", ""),
    ],
)
def test_first_sentence(documentation: str, sentence: str) -> None:
    assert first_sentence(go_unit(documentation)) == sentence


def test_a_name_that_is_a_word_may_stand_in_its_sentence() -> None:
    assert first_sentence(go_unit("Will send the parcel again.", "send"))


@pytest.mark.parametrize(
    ("subject", "change"),
    [
        ("Wait for the parcel to arrive", "Wait for the parcel to arrive"),
        ("fix(post): wait for the parcel to arrive (#12)", "wait for the parcel to arrive"),
        ("[post] Wait for the parcel to arrive.", "Wait for the parcel to arrive"),
        ("post/office.c: wait for the parcel to arrive", "wait for the parcel to arrive"),
        ("Merge branch parcels into the main one", ""),
        ("Bump parcels from one to two", ""),
        ("Fix typo in the name of parcels", ""),
        ("Improve the documentation of parcel sizes", ""),
        ("Fix parcels", ""),
    ],
)
def test_change_of(subject: str, change: str) -> None:
    assert change_of(subject) == change


def test_a_sentence_has_an_end() -> None:
    assert not is_sentence("parcel " * 41)
