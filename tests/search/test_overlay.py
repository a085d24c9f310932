from __future__ import annotations

from pathlib import Path

import pytest

from codesearch.search import Overlay, Searcher
from codesearch.search.overlay import Overlaid
from codesearch.search.vectors import key_of
from codesearch.store import Filters
from codesearch.types import Query, SearchResult
from tests.search.conftest import FILES, build, write

GO = "limiter/bucket.go"
CLIENT = "net/client.py"


def places(result: SearchResult) -> list[tuple[str, str]]:
    return [(hit.path, hit.name) for hit in result.hits]


def test_a_renamed_function_is_found_under_its_new_name_alone(searcher: Searcher) -> None:
    overlay = Overlay(GO, FILES[GO].replace("Take", "Withdraw"))
    assert places(searcher.search(Query("Withdraw"), overlays=[overlay]))[0] == (GO, "Withdraw")
    assert (GO, "Take") not in places(searcher.search(Query("Take"), overlays=[overlay]))
    assert places(searcher.search(Query("Take")))[0] == (GO, "Take")


def test_hits_stand_where_the_buffer_has_them(searcher: Searcher) -> None:
    overlay = Overlay(GO, "// Größe\n\n" + FILES[GO])
    before = searcher.search(Query("Take")).hits[0]
    after = searcher.search(Query("Take"), overlays=[overlay]).hits[0]
    assert after.span.start_line == before.span.start_line + 2
    assert after.span.start_byte == before.span.start_byte + len("// Größe\n\n".encode())
    assert after.snippet == before.snippet


def test_a_new_file_is_found_by_every_view(searcher: Searcher) -> None:
    text = (
        "def glow(lamp):\n    '''Light the lantern until the battery is empty.'''\n    lamp.on()\n"
    )
    overlay = Overlay("new/lamp.py", text)
    query = Query("light the lantern until the battery is empty")
    hit = searcher.search(query, overlays=[overlay]).hits[0]
    assert hit.path == "new/lamp.py"
    assert set(hit.explanation.views) == {"vector", "words"}
    assert hit.snippet == text.rstrip("\n")
    assert places(searcher.search(Query("glow"), overlays=[overlay]))[0] == ("new/lamp.py", "glow")


def test_an_emptied_buffer_hides_its_file(searcher: Searcher) -> None:
    found = places(searcher.search(Query("debounce"), overlays=[Overlay("web/src/config.js", "")]))
    assert found
    assert all(path != "web/src/config.js" for path, _ in found)


def test_an_unchanged_buffer_changes_nothing(searcher: Searcher) -> None:
    overlays = [Overlay(path, text) for path, text in FILES.items()]
    for text in ("token bucket", "parse_config", "waiting twice as long"):
        plain, overlaid = (
            searcher.search(Query(text), overlays=over).hits for over in ((), overlays)
        )
        assert {hit.qualified_name for hit in plain[:3]} == {
            hit.qualified_name for hit in overlaid[:3]
        }
        assert plain[0].name == overlaid[0].name


def test_only_changed_units_are_encoded(
    searcher: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded: list[str] = []
    encode = searcher.encoder.document_vectors

    def counted(texts: list[str], stop: object = None) -> object:
        encoded.extend(texts)
        return encode(texts)

    monkeypatch.setattr(searcher.encoder, "document_vectors", counted)
    overlay = Overlay(GO, FILES[GO].replace("b.tokens--", "b.tokens -= 1"))
    for _ in range(3):
        searcher.search(Query("token"), overlays=[overlay])
    assert len(encoded) == 1


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ("lang:go", True),
        ("lang:python", False),
        ("kind:method", True),
        ("kind:class", False),
        ("path:limiter", True),
        ("path:limiter/*.{go,rs}", True),
        ("path:[a-l]*/**/bucket.go", True),
        ("path:src/**", False),
        ("-path:*.go", False),
        ("-path:*.py", True),
        ("-lang:go", False),
    ],
)
def test_filters_hold_in_buffers_as_in_the_index(
    searcher: Searcher, filters: str, found: bool
) -> None:
    query = Query(f"Take {filters}")
    overlay = Overlay(GO, FILES[GO].replace("b.tokens--", "b.tokens -= 1"))
    for overlays in ((), [overlay]):
        hits = searcher.search(query, overlays=overlays).hits
        assert ((GO, "Take") in [(hit.path, hit.name) for hit in hits]) is found


def test_a_buffer_answers_like_an_index(searcher: Searcher) -> None:
    from codesearch.languages import parse
    from codesearch.store import Index

    info = searcher.encoder.info
    index = Index.open(searcher.root, fingerprint=info.fingerprint, dimension=info.dimension)
    units = parse("new.py", b"def fresh():\n    return 1\n").units
    vectors = {key_of(units[0]): searcher.encoder.document_vectors(["fresh"])}
    overlaid = Overlaid(index, {"new.py": units, GO: ()}, vectors)
    assert [unit.name for unit in overlaid.units_at("new.py")] == ["fresh"]
    assert overlaid.units_at(GO) == []
    assert overlaid.units_at(CLIENT) == index.units_at(CLIENT)
    ids = [units[0].id, index.units_at(CLIENT)[0].id]
    assert set(overlaid.vectors_of(ids)) == set(ids)
    assert overlaid.counts() == index.counts()
    assert overlaid.search_words(["absent"], 5, Filters()) == []
    index.close()


def test_buffers_work_before_anything_is_encoded(repository: Path) -> None:
    from tests.search.conftest import FAKE

    build(repository, encode=False)
    searcher = Searcher(repository, FAKE)
    write(repository, "kept.py", "x = 1\n")
    overlay = Overlay("new.py", "def fresh_bread():\n    return oven\n")
    found = places(searcher.search(Query("fresh bread"), overlays=[overlay]))
    assert found[0] == ("new.py", "fresh_bread")
    searcher.close()
