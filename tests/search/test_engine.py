from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from codesearch.errors import EncoderError, SearchCancelledError
from codesearch.search import EncoderHandle, Searcher, merge
from codesearch.search.engine import LOADING, NO_QUERY
from codesearch.settings import EncoderSettings, Settings
from codesearch.store import Index
from codesearch.types import Kind, Query, SearchResult
from tests.search.conftest import FAKE, build, write

MakeSearcher = Callable[..., Searcher]


def places(result: SearchResult) -> list[tuple[str, str]]:
    return [(hit.path, hit.qualified_name) for hit in result.hits]


def test_words_find_code_and_say_what_it_is(searcher: Searcher) -> None:
    result = searcher.search(Query("send again after a failure, waiting twice as long"))
    hit = result.hits[0]
    assert (hit.path, hit.name, hit.kind) == ("net/client.py", "send", Kind.METHOD)
    assert hit.language == "python"
    assert hit.root == str(searcher.root)
    assert hit.snippet.startswith("    def send(self, request, attempts=5):")
    assert len(hit.snippet.splitlines()) <= FAKE.search.snippet_lines
    assert result.units == result.encoded > 10
    assert result.notes == ()


def test_every_score_is_explained(searcher: Searcher) -> None:
    for text in ("token bucket", "parse_config", "client.py", "for (;;) { take(b) }"):
        hits = searcher.search(Query(text)).hits
        assert hits
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        for hit in hits:
            assert hit.score == pytest.approx(sum(hit.explanation.parts.values()))
            assert set(hit.explanation.views) <= set(hit.explanation.parts)
            assert hit.explanation.views


@pytest.mark.parametrize("text", ["parse_config", "PARSE_CONFIG", "parse_config()"])
def test_an_identifier_finds_its_definition_then_its_other_spellings(
    searcher: Searcher, text: str
) -> None:
    names = [hit.name for hit in searcher.search(Query(text)).hits]
    assert names[:2] == ["parse_config", "parseConfig"]


@pytest.mark.parametrize("typed", ["parse_cnfig", "prsConfig", "parse_conf", "Http.snd"])
def test_a_name_that_is_nearly_right_finds_what_is_meant(searcher: Searcher, typed: str) -> None:
    first = searcher.search(Query(typed)).hits[0]
    assert first.name in ("parse_config", "parseConfig", "send")
    assert "near" in first.explanation.views
    exact = searcher.search(Query("parse_config")).hits
    assert all("near" not in hit.explanation.views for hit in exact)


def test_a_closed_searcher_opens_again(searcher: Searcher) -> None:
    before = searcher.search(Query("send")).hits
    searcher.close()
    assert searcher.search(Query("send")).hits == before


def test_a_qualified_name_chooses_its_class(searcher: Searcher) -> None:
    found = places(searcher.search(Query("Mailer.send")))
    assert found[0] == ("net/client.py", "Mailer.send")
    found = places(searcher.search(Query("HttpClient::send")))
    assert found[0] == ("net/client.py", "HttpClient.send")
    assert {name for _, name in found[:3]} == {"HttpClient.send", "Mailer.send"}


def test_a_path_finds_what_is_in_it(searcher: Searcher) -> None:
    assert {hit.path for hit in searcher.search(Query("bucket.go")).hits[:3]} == {
        "limiter/bucket.go"
    }
    assert searcher.search(Query("web/src/config.js:3")).hits[0].path == "web/src/config.js"


def test_code_finds_code(searcher: Searcher) -> None:
    text = "if (b.tokens < 1) { return false; }\nb.tokens--;\nreturn true;"
    assert searcher.search(Query(text)).hits[0].name == "Take"


def test_text_outside_functions_is_found(searcher: Searcher) -> None:
    assert searcher.search(Query("refills by itself")).hits[0].path == "docs/notes.md"


def test_filters_hold(searcher: Searcher) -> None:
    def found(text: str, **filters: tuple[str, ...]) -> set[str]:
        return {hit.path for hit in searcher.search(Query(text, **filters)).hits}  # type: ignore[arg-type]

    assert found("client lang:go") == {"limiter/bucket.go"}
    assert found("client", languages=("javascript",)) == {"web/src/config.js"}
    assert found("client path:vendor/**") == {"vendor/client.py"}
    assert "tests/test_client.py" not in found("client -path:tests")
    assert found("client -lang:python -kind:window") == {"limiter/bucket.go", "web/src/config.js"}
    methods = searcher.search(Query("send kind:method")).hits
    assert methods
    assert {hit.kind for hit in methods} == {Kind.METHOD}


def test_the_limit_holds(searcher: Searcher) -> None:
    assert len(searcher.search(Query("client", limit=2)).hits) == 2


def test_no_words_no_answer(searcher: Searcher) -> None:
    assert searcher.search(Query("  lang:go ")).notes == (NO_QUERY,)


def test_without_an_index_the_answer_says_so(repository: Path, searcher_of: MakeSearcher) -> None:
    searcher = searcher_of(repository)
    result = searcher.search(Query("send"))
    assert (result.hits, result.units) == ((), 0)
    assert "codesearch warmup" in result.notes[0]
    build(repository)
    assert searcher.search(Query("send")).hits


def test_a_rebuilt_index_is_followed(repository: Path, searcher_of: MakeSearcher) -> None:
    build(repository)
    searcher = searcher_of(repository)
    assert searcher.search(Query("debounce")).hits
    other = Index.open(repository, fingerprint="other", dimension=8, writable=True)
    other.close()
    assert "another encoder" in searcher.search(Query("debounce")).notes[0]
    build(repository)
    assert searcher.search(Query("debounce")).hits[0].name == "debounce"


def test_before_vectors_are_there_words_answer(repository: Path, searcher_of: MakeSearcher) -> None:
    build(repository, encode=False)
    result = searcher_of(repository).search(Query("token bucket"))
    assert result.hits[0].name == "TokenBucket"
    assert result.encoded == 0
    assert result.notes == (f"0 of {result.units} units are searchable by meaning so far",)


class SlowHandle(EncoderHandle):
    """An encoder that takes as long to load as the test wants."""

    def __init__(self) -> None:
        super().__init__(FAKE.encoder)
        self.go = threading.Event()

    def _load(self, loading: object) -> None:
        self.go.wait(30)
        super()._load(loading)  # type: ignore[arg-type]


def test_no_answer_waits_for_the_encoder_unless_asked(repository: Path) -> None:
    build(repository)
    handle = SlowHandle()
    searcher = Searcher(repository, FAKE, handle)
    early = searcher.search(Query("token bucket"))
    assert "vector" not in early.hits[0].explanation.views
    assert LOADING in early.notes
    threading.Timer(0.1, handle.go.set).start()
    late = searcher.search(Query("token bucket"), wait_for_encoder=True)
    assert "vector" in late.hits[0].explanation.views
    assert late.notes == ()
    searcher.close()


def test_waiting_for_the_encoder_can_be_cancelled(repository: Path) -> None:
    build(repository)
    handle = SlowHandle()
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    with pytest.raises(SearchCancelledError):
        Searcher(repository, FAKE, handle).search(Query("x"), stop=stop, wait_for_encoder=True)
    handle.go.set()


def test_a_withdrawn_question_is_not_answered(searcher: Searcher) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(SearchCancelledError):
        searcher.search(Query("send"), stop=stop)


def test_a_missing_encoder_is_an_error_with_a_remedy(repository: Path, tmp_path: Path) -> None:
    settings = Settings(encoder=EncoderSettings(name=str(tmp_path / "nowhere")))
    with pytest.raises(EncoderError) as caught:
        Searcher(repository, settings).search(Query("send"))
    assert caught.value.remedy


def test_hits_in_files_that_are_gone_are_dropped(searcher: Searcher, repository: Path) -> None:
    assert searcher.search(Query("TokenBucket")).hits[0].path == "limiter/bucket.go"
    (repository / "limiter/bucket.go").unlink()
    paths = {hit.path for hit in searcher.search(Query("TokenBucket")).hits}
    assert paths
    assert "limiter/bucket.go" not in paths


def test_queries_are_encoded_once(searcher: Searcher) -> None:
    first = searcher.encoder.query_vector("token bucket")
    assert searcher.encoder.query_vector("token bucket") is first


def test_many_threads_ask_at_once(searcher: Searcher) -> None:
    answers: list[list[tuple[str, str]]] = []

    def ask() -> None:
        answers.append(places(searcher.search(Query("token bucket"))))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert all(answer == answers[0] for answer in answers)


def test_several_roots_are_merged_by_score(searcher: Searcher, tmp_path: Path) -> None:
    write(tmp_path / "second", "send.py", "def parse_config():\n    return 1\n")
    build(tmp_path / "second")
    second = Searcher(tmp_path / "second", FAKE, searcher.encoder)
    results = [one.search(Query("parse_config")) for one in (searcher, second)]
    both = merge(results, 3)
    assert len(both.hits) == 3
    assert {hit.root for hit in both.hits[:2]} == {str(searcher.root), str(second.root)}
    assert both.units == sum(result.units for result in results)
    second.close()


def test_merging_tells_each_note_once() -> None:
    results = [SearchResult((), 1, 0, ("a", "b")), SearchResult((), 2, 1, ("b",))]
    assert merge(results, 5) == SearchResult((), 3, 1, ("a", "b"))
    assert merge([], 5) == SearchResult((), 0, 0)
