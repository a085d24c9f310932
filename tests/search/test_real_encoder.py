"""One check with the packaged encoder: code is found whose words are not the question's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from codesearch.search import Searcher
from codesearch.settings import EncoderSettings, Settings
from codesearch.types import Query, Target
from tests.search.conftest import build


def test_meaning_finds_what_is_named_otherwise(
    repository: Path, searcher_of: Callable[..., Searcher]
) -> None:
    settings = Settings(encoder=EncoderSettings(threads=1))
    build(repository, settings)
    searcher = searcher_of(repository, settings=settings)
    hits = searcher.search(Query("retry with exponential backoff")).hits
    assert (hits[0].path, hits[0].qualified_name) == ("net/client.py", "HttpClient.send")
    assert hits[0].explanation.views == ("vector",)

    hits = searcher.search(Query("rate limiter -lang:text")).hits
    assert hits[0].path == "limiter/bucket.go"

    snippet = "fn read_settings(s: &str) -> Map { s.lines().map(|l| l.split_once('=')).collect() }"
    hits = searcher.similar(Target(text=snippet, language="rust")).hits
    assert {hit.name for hit in hits[:2]} == {"parse_config", "parseConfig"}
