"""Questions about a repository whose index is being made."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesearch.indexing.glance import Glance
from codesearch.search import Overlay, Searcher
from codesearch.types import Query, SearchResult
from tests.search.conftest import FAKE, FILES


@pytest.fixture
def searcher(tmp_path: Path) -> Searcher:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Searcher(tmp_path, FAKE, unread=Glance(tmp_path, FAKE, lambda: False))


def names(result: SearchResult) -> list[str]:
    return [hit.name for hit in result.hits]


def test_the_right_function_is_found_by_its_words(searcher: Searcher) -> None:
    result = searcher.search(Query("send a request again after a failure"))
    assert names(result)[0] == "send"
    assert result.hits[0].path == "net/client.py"
    assert "return self.transport" in result.hits[0].snippet


def test_an_identifier_brings_its_definition_first(searcher: Searcher) -> None:
    assert names(searcher.search(Query("parse_config")))[0] == "parse_config"
    assert names(searcher.search(Query("parse_confg")))[0] in ("parse_config", "parseConfig")


def test_the_answer_says_what_it_rests_on(searcher: Searcher) -> None:
    result = searcher.search(Query("settings"))
    assert result.encoded == result.units == 0
    assert any("not indexed yet" in note for note in result.notes)


def test_filters_hold(searcher: Searcher) -> None:
    result = searcher.search(Query("read settings lang:javascript"))
    assert {hit.language for hit in result.hits} == {"javascript"}
    kinds = {hit.kind.value for hit in searcher.search(Query("send kind:method")).hits}
    assert kinds == {"method"}


def test_unsaved_buffers_are_in_it(searcher: Searcher) -> None:
    buffer = Overlay("net/client.py", "def deliver_parcel():\n    return 1\n")
    result = searcher.search(Query("deliver_parcel"), overlays=[buffer])
    assert names(result)[0] == "deliver_parcel"
    sending = searcher.search(Query("send"), overlays=[buffer]).hits
    assert "net/client.py" not in {hit.path for hit in sending}
