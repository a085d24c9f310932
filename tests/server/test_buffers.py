"""Open documents follow every edit, also where pygls's own would not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from codesearch.server.buffers import Buffers, Unsaved, path_of


def opened(text: str, uri: str = "file:///x.py", encoding: str = "utf-16") -> Buffers:
    buffers = Buffers()
    buffers.encoding = encoding
    buffers.open(types.TextDocumentItem(uri, "python", 1, text))
    return buffers


def changed(buffers: Buffers, *changes: types.TextDocumentContentChangeEvent) -> str:
    identifier = types.VersionedTextDocumentIdentifier(2, "file:///x.py")
    buffers.change(types.DidChangeTextDocumentParams(identifier, list(changes)))
    buffer = buffers.get("file:///x.py")
    assert buffer is not None
    return buffer.text


def edit(
    first: tuple[int, int], last: tuple[int, int], text: str
) -> types.TextDocumentContentChangePartial:
    span = types.Range(types.Position(*first), types.Position(*last))
    return types.TextDocumentContentChangePartial(range=span, text=text)


def test_edits_apply_in_order() -> None:
    buffers = opened("one\ntwo\n")
    assert changed(buffers, edit((0, 3), (1, 0), ""), edit((0, 0), (0, 3), "x")) == "xtwo\n"


def test_a_change_without_a_range_is_the_whole_text() -> None:
    assert changed(opened("a"), types.TextDocumentContentChangeWholeDocument("b")) == "b"


def test_form_feeds_end_no_line() -> None:
    assert changed(opened("a\n\x0c\nb\n"), edit((2, 0), (2, 1), "c")) == "a\n\x0c\nc\n"


def test_beyond_the_end_of_the_last_line() -> None:
    assert changed(opened("ab"), edit((0, 9), (0, 9), "c")) == "abc"
    assert changed(opened("ab"), edit((7, 0), (7, 0), "c")) == "abc"


def test_lone_surrogates_become_characters_of_the_same_width() -> None:
    assert changed(opened("\ud800x"), edit((0, 1), (0, 2), "y")) == "\ufffdy"


def test_a_document_that_is_not_open_is_ignored() -> None:
    buffers = Buffers()
    identifier = types.VersionedTextDocumentIdentifier(2, "file:///y.py")
    buffers.change(types.DidChangeTextDocumentParams(identifier, []))
    assert buffers.get("file:///y.py") is None


def test_thousands_of_edits_of_a_long_document_in_one_change() -> None:
    """Each must cost the lines it touches only: this took half a minute once."""
    lines = [f"value_{number} = é{number}" for number in range(20_000)]
    edits = [edit((number, 0), (number, 5), "name") for number in range(19_999, -1, -5)]
    edits += [edit((number * 2, 0), (number * 2, 0), "\n") for number in range(2_000)]
    text = changed(opened("\n".join(lines)), *edits)
    expected = [
        line.replace("value", "name") if i % 5 == 4 else line for i, line in enumerate(lines)
    ]
    blank = "\n".join(f"\n{line}" for line in expected[:2_000])
    assert text == "\n".join([blank, *expected[2_000:]])


def test_a_line_feed_joins_the_carriage_return_before_it() -> None:
    buffers = opened("a\rb\rc")
    edits = edit((1, 0), (1, 0), "\n"), edit((1, 0), (1, 1), "x"), edit((2, 0), (2, 1), "y")
    assert changed(buffers, *edits) == "a\r\nx\ry"


@given(
    text=st.text(alphabet="aé🚀\n\r\x0c"),
    start=st.integers(0, 12),
    size=st.integers(0, 5),
    new=st.text(alphabet="b🚀\n\r"),
    encoding=st.sampled_from(["utf-8", "utf-16", "utf-32"]),
)
def test_any_edit_is_a_slice(text: str, start: int, size: int, new: str, encoding: str) -> None:
    """Positions of a slice, computed the slow way, give the same text as the slice itself."""
    start = min(start, len(text))
    end = min(start + size, len(text))
    if "\r\n" in (text[start - 1 : start + 1], text[end - 1 : end + 1]):
        return  # there is no position between the two
    first, last = _position(text, start, encoding), _position(text, end, encoding)
    buffers = opened(text, encoding=encoding)
    assert changed(buffers, edit(first, last, new)) == text[:start] + new + text[end:]


def _position(text: str, index: int, encoding: str) -> tuple[int, int]:
    before = text[:index].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    size = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    codec = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[encoding]
    return len(before) - 1, len(before[-1].encode(codec)) // size


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a/b%20c.py", "/a/b c.py"),
        ("file:///a/../b/./c.py", "/b/c.py"),
        ("untitled:Untitled-1", None),
        ("git:/a/b.py?ref", None),
        ("vscode-notebook-cell:/a/b.ipynb#1", None),
        ("", None),
        ("file:///a%00b", None),
        ("file://[x", None),
    ],
)
def test_paths_of_uris(uri: str, path: str | None) -> None:
    assert path_of(uri) == (Path(path) if path else None)


def test_unsaved_is_what_differs_from_the_disk(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_bytes(b"\xef\xbb\xbfa\r\nb\r\n")
    unsaved = Unsaved()
    same, other, new = (
        opened(text, uri).files()[0]
        for text, uri in [
            ("a\nb\n", file.as_uri()),
            ("a\nc\n", file.as_uri()),
            ("", (tmp_path / "new.py").as_uri()),
        ]
    )
    assert not unsaved.differs(same)
    assert unsaved.differs(new)
    file.write_text("a\nb\nc\n")
    assert unsaved.differs(same)
    assert unsaved.differs(other)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_file_in_utf_16_is_compared_as_text(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "x.py"
    file.write_bytes("\ufeffpreis = 5 # €\r\n".encode(encoding))
    same = opened("preis = 5 # €\n", file.as_uri()).files()[0]
    other = opened("preis = 6 # €\n", file.as_uri()).files()[0]
    assert not Unsaved().differs(same)
    assert Unsaved().differs(other)
