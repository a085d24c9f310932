"""Units as texts."""

from __future__ import annotations

import argparse
import inspect
import itertools
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from codesearch.encoder import describe
from codesearch.encoder.text import (
    MAX_PARTS,
    document_texts,
    estimate_tokens,
    query_text,
    text_hash,
)
from codesearch.settings import EncoderSettings
from codesearch.types import Kind, Span, Unit
from codesearch.words import split_words

ROOM = 254
NOWHERE = Span(0, 0, 0, 0)


def unit(body: str, **fields: str) -> Unit:
    values = {
        "path": "src/web/client.py",
        "name": "getResponse",
        "qualified_name": "HTTPClient.getResponse",
        "documentation": "",
    } | fields
    kind = Kind(values.pop("kind", "method"))
    return Unit(
        language="python",
        kind=kind,
        signature="def getResponse(self)",
        body=body,
        span=NOWHERE,
        name_span=NOWHERE,
        content_hash="",
        **values,
    )


def test_short_unit_is_one_text_that_starts_with_name_scope_and_path():
    texts = document_texts(unit("def getResponse(self):\n    return self._readAll()"), ROOM)
    assert texts == (
        "get response. http client src web client. def get response self return self read all",
    )


def test_only_the_last_folders_are_told():
    (text,) = document_texts(unit("x", path="home/me/a/b/c/stem.py", qualified_name="f"), ROOM)
    assert text == "get response. f a b c stem. x"


def test_window_has_no_name_but_its_heading():
    window = unit("text", kind="window", path="docs/usage.md", name="usage.md", qualified_name="")
    assert document_texts(window, ROOM) == ("docs usage. text",)
    headed = unit(
        "text", kind="window", path="a.md", name="Install it", qualified_name="Install it"
    )
    assert document_texts(headed, ROOM) == ("install it. a. text",)


def test_documentation_comes_before_a_body_that_lacks_it():
    (text,) = document_texts(unit("return 1", documentation="Counts the rows."), ROOM)
    assert text.endswith("client. counts the rows return 1")


def test_documentation_inside_the_body_is_not_repeated():
    body = 'def f():\n    """Counts the rows.\n\n    Slowly.\n    """'
    (text,) = document_texts(unit(body, documentation="Counts the rows.\n\nSlowly."), ROOM)
    assert text.count("counts") == text.count("slowly") == 1


def test_unit_without_words_has_a_text():
    assert len(document_texts(unit("{}();"), ROOM)) == 1
    assert len(document_texts(unit(""), ROOM)) == 1


def long_body(lines: int) -> str:
    return "\n".join(f"    value{n} = compute(step, {n}, other={n + 1})" for n in range(lines))


def test_long_unit_is_overlapping_parts_under_one_header():
    texts = document_texts(unit(long_body(100)), ROOM)
    header = texts[0].split(" def ")[0].partition(" value")[0]
    assert 3 < len(texts) < MAX_PARTS
    assert all(text.startswith(header) for text in texts)
    for one, two in itertools.pairwise(texts):
        overlap = two.removeprefix(header).split()[:6]
        assert " ".join(overlap) in one


def test_parts_are_bounded():
    texts = document_texts(unit(long_body(5000)), ROOM)
    assert len(texts) == MAX_PARTS


def test_header_leaves_room_for_the_body():
    texts = document_texts(unit("alpha beta", name="long_name_" * 50, qualified_name="x"), 40)
    assert texts[-1].endswith("alpha beta")
    assert all(estimate_tokens(text) <= 40 for text in texts)


@given(
    st.lists(
        st.text(st.sampled_from("abcXYZ_09 .(){}\n\té漢"), max_size=60), min_size=1, max_size=40
    ),
    st.integers(24, 80),
)
def test_every_word_is_in_some_part_and_parts_fit(lines: list[str], room: int):
    body = "\n".join(lines)
    texts = document_texts(unit(body), room)
    assert len(texts) <= MAX_PARTS
    longest = max((estimate_tokens(word) for word in split_words(body)), default=0.0)
    assert all(estimate_tokens(text) <= max(room + 1, room * 0.25 + longest + 8) for text in texts)
    if len(texts) < MAX_PARTS:
        found = {word for text in texts for word in text.split()}
        assert set(split_words(body)) <= found


def test_real_tokens_rarely_exceed_the_room():
    folder = describe(EncoderSettings()).folder
    assert folder is not None
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    texts = document_texts(unit(inspect.getsource(argparse)), ROOM)
    counts = [len(tokenizer.encode(text, add_special_tokens=False).ids) for text in texts]
    assert len(counts) > 20
    assert sum(count > ROOM for count in counts) <= len(counts) * 0.1
    assert sum(counts) / len(counts) > ROOM * 0.7, "parts are much smaller than they could be"


def test_query_text_is_in_the_words_of_documents():
    assert query_text("where is getHTTPResponse called?") == "where is get http response called"
    assert query_text("?!") == "?!"


def test_hash_is_stable_and_takes_any_text():
    assert text_hash("abc") == "cf4ab791c62b8d2b2109c90275287816"
    assert text_hash("\ud800") != text_hash("")


def test_texts_need_no_heavy_package():
    code = "import sys, codesearch.encoder.text; print({'torch', 'numpy'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() in {"set()", "{'numpy'}"}
