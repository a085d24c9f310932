from __future__ import annotations

import pytest

from codesearch.search.filters import typed_filters
from codesearch.search.understand import QueryKind, understand
from codesearch.types import Kind, Query


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("where are retries delayed", QueryKind.WORDS),
        ("parse config", QueryKind.WORDS),
        ("what does retry() do?", QueryKind.WORDS),
        ("a rate limit per client, shared by threads", QueryKind.WORDS),
        ("parse", QueryKind.IDENTIFIER),
        ("parseConfig", QueryKind.IDENTIFIER),
        ("HTTP_CLIENT", QueryKind.IDENTIFIER),
        ("HttpClient.send", QueryKind.IDENTIFIER),
        ("std::vector::push_back", QueryKind.IDENTIFIER),
        ("Parcel#weight", QueryKind.IDENTIFIER),
        ("App\\Http\\Kernel", QueryKind.IDENTIFIER),
        ("node->next", QueryKind.IDENTIFIER),
        ("@cached_property", QueryKind.IDENTIFIER),
        ("send()", QueryKind.IDENTIFIER),
        ("empty?", QueryKind.IDENTIFIER),
        ("größe", QueryKind.IDENTIFIER),
        ("src/net/client.py", QueryKind.PATH),
        ("client.py", QueryKind.PATH),
        ("client.py:12", QueryKind.PATH),
        ("README.md", QueryKind.PATH),
        ("src/net/", QueryKind.PATH),
        ("x = fetch(url, retries)", QueryKind.CODE),
        ("for (let i = 0; i < n; i++) {", QueryKind.CODE),
        ("def send(self, request):\n    return None", QueryKind.CODE),
        ("if err != nil { return err }", QueryKind.CODE),
    ],
)
def test_kind_of_a_query(text: str, kind: QueryKind) -> None:
    assert understand(Query(text)).kind is kind


def test_filters_leave_the_text_and_become_fields() -> None:
    asked = understand(Query('retry lang:go  kind:method path:src/** -path:"my tests" delay'))
    assert asked.text == "retry delay"
    assert asked.filters.languages == ("go",)
    assert asked.filters.kinds == (Kind.METHOD,)
    assert asked.filters.paths == ("src/**",)
    assert asked.filters.exclude_paths == ("my tests",)
    assert asked.notes == ()


@pytest.mark.parametrize(
    ("written", "language"),
    [("py", "python"), ("C++", "cpp"), ("golang", "go"), ("rs", "rust"), ("text", "text")],
)
def test_languages_go_by_their_usual_names(written: str, language: str) -> None:
    assert understand(Query(f"x lang:{written}")).filters.languages == (language,)


def test_written_filters_add_to_typed_ones() -> None:
    asked = understand(Query("x lang:go", languages=("rust",), kinds=(Kind.CLASS,)))
    assert asked.filters.languages == ("rust", "go")
    assert asked.filters.kinds == (Kind.CLASS,)


def test_an_exclusion_names_all_others() -> None:
    filters = understand(Query("x -lang:go -kind:window")).filters
    assert "go" not in filters.languages
    assert {"python", "rust", "text"} <= set(filters.languages)
    assert set(filters.kinds) == set(Kind) - {Kind.WINDOW}
    assert understand(Query("x -lang:go lang:go lang:c")).filters.languages == ("c",)


def test_filters_that_mean_nothing_are_told_and_not_used() -> None:
    asked = understand(Query("x lang:klingon kind:verb"))
    assert (asked.text, asked.filters.languages, asked.filters.kinds) == ("x", (), ())
    assert asked.notes == (
        "unknown language “klingon”: not used as a filter",
        "unknown kind “verb”: not used as a filter",
    )


@pytest.mark.parametrize("text", ["path::Path", "std::path:: x", "match kind: default"])
def test_colons_of_code_are_no_filters(text: str) -> None:
    assert understand(Query(text)).text == text


def test_a_snippet_of_several_lines_keeps_what_looks_like_a_filter() -> None:
    text = "options:\n  path:src lang:go"
    asked = understand(Query(text))
    assert asked.text == text
    assert asked.filters.paths == ()


def test_filler_is_not_looked_up_unless_there_is_nothing_else() -> None:
    assert understand(Query("where is the retry delayed")).words == ("retry", "delayed")
    assert understand(Query("where is it")).words == ("where", "is", "it")


def test_identifiers_are_looked_up_split_and_whole() -> None:
    asked = understand(Query("who calls parseConfig here"))
    assert asked.words == ("calls", "parse", "config", "parseconfig")
    assert asked.meaning == "who calls parse config here"
    assert asked.names == ("parseConfig",)


def test_names_of_an_identifier_begin_with_its_last_part() -> None:
    asked = understand(Query("net::HttpClient::sendAll()"))
    assert asked.name == "sendAll"
    assert asked.names == ("sendAll", "send_all")
    assert asked.qualifier == ("net", "HttpClient")


def test_a_few_words_may_be_a_name() -> None:
    assert understand(Query("parse config")).names == ("parse_config", "parseconfig")
    assert understand(Query("parse config")).name is None
    assert understand(Query("read the settings of a web page")).names == ()


@pytest.mark.parametrize("text", ["", "  \n ", "lang:go", "::", "\0", "\ud800", "{" * 5000])
def test_any_text_is_understood(text: str) -> None:
    assert understand(Query(text)).limit == 20


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (("TypeScript",), ("typescript", "tsx")),
        (("tsx",), ("tsx",)),
        (("c++", "py"), ("cpp", "python")),
        (("ocaml",), ("ocaml", "ocaml_interface")),
    ],
)
def test_languages_are_meant_as_people_name_them(
    given: tuple[str, ...], kept: tuple[str, ...]
) -> None:
    typed, notes = typed_filters(Query("retry", languages=given))
    assert (typed.languages, notes) == (kept, ())


def test_an_unknown_language_is_told_and_not_used() -> None:
    typed, notes = typed_filters(Query("retry", languages=("klingon",)))
    assert typed.languages == ()
    assert "klingon" in notes[0]


@pytest.mark.parametrize(
    "text",
    [
        "a" + "\n" * 30_000 + "b",
        " " * 30_000 + "b",
        "a(" * 15_000,
        "async\n" * 5_000,
        "ab" * 15_000,
    ],
)
def test_text_that_backtracks_is_read_at_once(text: str) -> None:
    """Such a query once held up everything for a quarter of a minute."""
    assert len(understand(Query(text)).text) <= 20_000


def test_a_query_that_is_too_long_is_cut_and_the_user_is_told() -> None:
    asked = understand(Query("return the parcel " * 2_000))
    assert len(asked.text) <= 20_000
    assert asked.notes == ("only the first 20,000 characters of the query are used",)
    assert understand(Query("x" * 20_000)).notes == ()
