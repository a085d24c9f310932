from __future__ import annotations

import os
from pathlib import Path

import pytest

from codesearch.search.snippets import Texts
from codesearch.types import Span


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_text("secret")
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.py").write_text("class A:\n    def größe(self):\n        return 1\n\n    x = 2\n")
    return root


SPAN = Span(13, 49, 1, 2, 4, 16)


def test_a_snippet_is_the_first_lines_with_their_indentation(root: Path) -> None:
    texts = Texts(root)
    assert texts.snippet("a.py", SPAN, 5) == "    def größe(self):\n        return 1"
    assert texts.snippet("a.py", SPAN, 1) == "    def größe(self):"
    assert texts.snippet("a.py", SPAN, 0) == ""


def test_buffers_stand_in_for_files(root: Path) -> None:
    texts = Texts(root, {"new.py": b"def f():\n    pass\n"})
    assert texts.snippet("new.py", Span(0, 17, 0, 1), 5) == "def f():\n    pass"
    assert texts.exists("new.py")
    assert not texts.exists("other.py")


def test_what_lies_outside_is_not_read(root: Path) -> None:
    (root / "link.txt").symlink_to("../secret.txt")
    (root / "folder").symlink_to("..")
    texts = Texts(root)
    for path in ("../secret.txt", "link.txt", "folder/secret.txt", str(root.parent / "secret.txt")):
        assert not texts.exists(path)
        assert texts.whole(path) is None
        assert texts.snippet(path, Span(0, 6, 0, 0), 5) == ""


def test_links_inside_the_root_are_read(root: Path) -> None:
    (root / "b.py").symlink_to("a.py")
    assert Texts(root).snippet("b.py", Span(0, 8, 0, 0), 5) == "class A:"


def test_pipes_and_folders_are_not_waited_for(root: Path) -> None:
    os.mkfifo(root / "pipe")
    (root / "folder").mkdir()
    texts = Texts(root)
    for path in ("pipe", "folder", "gone.py", "nul\0.py"):
        assert not texts.exists(path)
        assert texts.snippet(path, Span(0, 6, 0, 0), 5) == ""


def test_a_span_past_the_end_and_long_lines_are_bounded(root: Path) -> None:
    (root / "long.js").write_text("x" * 1_000_000)
    texts = Texts(root)
    assert texts.snippet("a.py", Span(5000, 6000, 90, 99), 5) == ""
    assert len(texts.snippet("long.js", Span(0, 1_000_000, 0, 0), 5)) < 1000


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_spans_of_utf_16_count_its_utf_8_form(root: Path, encoding: str) -> None:
    text = (root / "a.py").read_text()
    (root / "wide.py").write_bytes(f"\ufeff{text}".encode(encoding))
    texts = Texts(root)
    assert texts.snippet("wide.py", SPAN, 5) == texts.snippet("a.py", SPAN, 5)
    assert texts.whole("wide.py") == text.encode()
    (root / "large.py").write_bytes(f"\ufeff{'x' * 5_000_000}".encode(encoding))
    assert texts.whole("large.py") is None
