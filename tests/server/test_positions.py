"""Columns between bytes and the client's code units, and back."""

from __future__ import annotations

import pytest
from lsprotocol.types import Position, Range

from codesearch.server.positions import (
    EditedText,
    Lines,
    byte_column,
    choose_encoding,
    range_of,
    to_client,
    width,
)
from codesearch.types import Span


def index_of(text: str, position: Position, encoding: str) -> int:
    """Where a mark lands that is put at `position`."""
    edited = EditedText(text)
    edited.replace(Range(position, position), "|", encoding)
    return str(edited).index("|")


# Bytes: a=1, e with accent=2, euro sign=3, rocket=4 (two units in UTF-16).
LINE = "aé€🚀z"


@pytest.mark.parametrize(("encoding", "units"), [("utf-8", 11), ("utf-16", 6), ("utf-32", 5)])
def test_width(encoding: str, units: int) -> None:
    assert width(LINE, encoding) == units


@pytest.mark.parametrize(
    ("encoding", "columns"),
    [
        ("utf-8", [0, 1, 3, 6, 10, 11]),
        ("utf-16", [0, 1, 2, 3, 5, 6]),
        ("utf-32", [0, 1, 2, 3, 4, 5]),
    ],
)
def test_every_character_to_the_client_and_back(encoding: str, columns: list[int]) -> None:
    lines = Lines(f"first\r\n{LINE}\r\n".encode())
    text = f"first\r\n{LINE}\r\n"
    for index, byte_column_there in enumerate([0, 1, 3, 6, 10, 11]):
        position = to_client(lines, 1, byte_column_there, encoding)
        assert (position.line, position.character) == (1, columns[index])
        assert index_of(text, position, encoding) == len("first\r\n") + index
        assert byte_column(lines, position, encoding) == byte_column_there


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_out_of_range_is_clamped(encoding: str) -> None:
    lines = Lines(b"one\r\ntwo")
    assert to_client(lines, 0, 99, encoding) == Position(0, 3)
    assert to_client(lines, 9, 9, encoding) == Position(1, 3)
    assert to_client(lines, -1, -1, encoding) == Position(0, 0)
    assert to_client(Lines(b""), 5, 5, encoding) == Position(0, 0)
    assert index_of("one\r\ntwo", Position(0, 99), encoding) == 3
    assert index_of("one\r\ntwo", Position(9, 0), encoding) == 8
    assert index_of("é", Position(0, 99), encoding) == 1
    assert index_of("", Position(0, 0), encoding) == 0
    assert byte_column(lines, Position(1, 99), encoding) == 3
    assert byte_column(lines, Position(9, 0), encoding) == 0


def test_inside_a_character_means_its_start() -> None:
    lines = Lines("🚀z".encode())
    assert to_client(lines, 0, 2, "utf-16") == Position(0, 0)
    assert index_of("🚀z", Position(0, 1), "utf-16") == 0
    assert index_of("🚀z", Position(0, 3), "utf-8") == 0


def test_a_byte_order_mark_is_not_counted() -> None:
    lines = Lines(b"\xef\xbb\xbfdef f")
    assert to_client(lines, 0, 7, "utf-8") == Position(0, 4)
    assert byte_column(lines, Position(0, 4), "utf-8") == 7


def test_bytes_that_are_no_text_count_nothing() -> None:
    assert to_client(Lines(b"\xff\xfea"), 0, 3, "utf-16") == Position(0, 1)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_end_as_in_the_protocol_and_never_at_form_feeds(ending: str) -> None:
    text = ending.join(["a\x0cb\u2028c\x85d", "second", ""])
    assert index_of(text, Position(1, 0), "utf-16") == 7 + len(ending)
    edited = EditedText(text)
    edited.replace(Range(Position(0, 2), Position(1, 3)), "", "utf-16")
    assert str(edited) == "a\x0cond" + ending
    edited.replace(Range(Position(1, 5), Position(7, 0)), "end", "utf-16")
    assert str(edited) == "a\x0cond" + ending + "end"


def test_range_of_a_span_over_lines() -> None:
    lines = Lines("é = 1\n€ = 2\n".encode())
    span = Span(0, 14, 0, 1, 3, 7)
    assert range_of(span, lines, "utf-16") == Range(Position(0, 2), Position(1, 5))


def test_preference_of_encodings() -> None:
    assert choose_encoding(["utf-16", "utf-7", "utf-8"]) == ["utf-8", "utf-16", "utf-7"]
