"""A helper process: what it answers, and what becomes of one that dies."""

from __future__ import annotations

import os
import signal
import time

import pytest

from codesearch import helper
from codesearch.helper import Helper, HelperDiedError
from codesearch.languages import parse


@pytest.fixture
def one():
    made = Helper(longest_call=30.0)
    yield made
    made.close()


def test_a_call_is_answered_by_another_process(one: Helper) -> None:
    there = one.call(os.getpid)
    assert there not in (0, os.getpid())
    assert one.call(os.getpid) == there


def test_units_come_back_as_they_are_here(one: Helper) -> None:
    source = b"def add(a, b):\n    return a + b\n"
    assert one.call(parse, "a.py", source) == parse("a.py", source)


def test_what_is_raised_there_is_raised_here(one: Helper) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        one.call(os.stat, "/nowhere")
    assert one.call(abs, -1) == 1


def test_one_that_dies_in_a_call_is_told_and_replaced(one: Helper) -> None:
    with pytest.raises(HelperDiedError):
        one.call(os.abort)
    assert one.call(abs, -1) == 1


def test_a_call_that_takes_too_long_is_ended() -> None:
    slow = Helper(longest_call=0.5)
    with pytest.raises(HelperDiedError):
        slow.call(time.sleep, 60)
    slow.close()


def test_one_that_left_in_order_is_started_again(one: Helper) -> None:
    """As after minutes without a call."""
    first = one.call(os.getpid)
    assert one._process is not None
    assert one._process.stdin is not None
    one._process.stdin.close()
    assert one._process.wait(10) == 0
    assert one.call(os.getpid) != first


def test_an_idle_one_leaves(one: Helper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helper, "_IDLE_SECONDS", 0.01)
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as requests, os.fdopen(writing, "wb"):
        assert not helper._asked(requests)


def test_it_ends_with_its_parent(one: Helper) -> None:
    """A parent that is killed closes the pipe, whatever else it leaves undone."""
    there = one.call(os.getpid)
    assert one._process is not None
    assert one._process.stdin is not None
    one._process.stdin.close()
    one._process.wait(10)
    with pytest.raises(ProcessLookupError):
        os.kill(there, signal.SIG_DFL)


def test_nothing_printed_there_spoils_an_answer(one: Helper) -> None:
    one.call(print, "noise")
    one.call(os.write, 1, b"more noise")
    assert one.call(abs, -2) == 2
