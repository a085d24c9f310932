"""Comment and docstring markers are stripped; what they say is kept."""

from __future__ import annotations

import pytest

from codesearch.languages.comments import comments_text, docstring_text


@pytest.mark.parametrize(
    ("comments", "text"),
    [
        (["# one", "# two"], "one\ntwo"),
        (["#one", "#   indented"], "one\nindented"),
        (["// a", "//   b", "// c"], "a\n  b\nc"),
        (["/// Sums.", "///", "/// Fast."], "Sums.\n\nFast."),
        (["//! Inner."], "Inner."),
        (["/* short */"], "short"),
        (["/**\n * First.\n *\n *   code\n * @param x\n */"], "First.\n\n  code\n@param x"),
        (["/*\nplain\n  block\n*/"], "plain\n  block"),
        (["-- lua or haskell"], "lua or haskell"),
        (["-- | Haddock", "-- continues"], "Haddock\ncontinues"),
        (["{- | Block\n   more -}"], "Block\nmore"),
        (["(** Doc of [x]. *)"], "Doc of [x]."),
        (["--[[ long\ncomment ]]"], "long\ncomment"),
        (["#= julia =#"], "julia"),
        ([";; lisp"], "lisp"),
        (["# -----", "# Title", "# ====="], "Title"),
        (["// line", "/* block */"], "line\nblock"),
        (["=begin\nruby\n=end"], "ruby"),
        ([], ""),
    ],
)
def test_comments(comments, text):
    assert comments_text(comments) == text


@pytest.mark.parametrize(
    ("literal", "text"),
    [
        ('"""One.\n\n    Two.\n    """', "One.\n\nTwo."),
        ("'''Single.'''", "Single."),
        ('r"""Raw \\d."""', "Raw \\d."),
        ('"short"', "short"),
        ('~S"""\n  Sigil.\n  """', "Sigil."),
        ('""""Quoted" first."""', '"Quoted" first.'),
    ],
)
def test_docstrings(literal, text):
    assert docstring_text(literal) == text
