"""`codesearch/search`: hits, filters, positions, parts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server.client import CAPABILITIES, Server, opened
from tests.server.conftest import STORE, Shared


def test_a_hit_has_everything_a_client_shows(shared: Shared) -> None:
    result = shared.server.request("codesearch/search", {"query": "read_settings"})
    hit = result["hits"][0]
    line = STORE.splitlines().index("def read_settings(path):")
    assert hit["location"] == {
        "uri": shared.uri("store.py"),
        "range": {
            "start": {"line": line, "character": 0},
            "end": {"line": line + 3, "character": 32},
        },
    }
    assert hit["selectionRange"]["start"] == {"line": line, "character": 4}
    assert hit["selectionRange"]["end"] == {"line": line, "character": 17}
    assert (hit["path"], hit["root"]) == ("store.py", shared.root.as_uri())
    assert (hit["name"], hit["qualifiedName"]) == ("read_settings", "read_settings")
    assert (hit["kind"], hit["language"]) == ("function", "python")
    assert hit["signature"] == "def read_settings(path)"
    assert "json.load(stream)" in hit["snippet"]
    assert "name" in hit["explanation"]["views"]
    assert sum(hit["explanation"]["parts"].values()) == pytest.approx(hit["score"])
    assert result["completeness"]["complete"]
    assert result["completeness"]["units"] == result["completeness"]["encoded"] > 5
    assert result["notes"] == []


def test_filters_and_limit(shared: Shared) -> None:
    search = shared.server.search
    assert {hit["language"] for hit in search("money", languages=["python"])} == {"python"}
    assert {hit["kind"] for hit in search("parcel", kinds=["method"])} == {"method"}
    assert {hit["path"] for hit in search("file", paths=["*.js"])} == {"money.js"}
    assert "store.py" not in {hit["path"] for hit in search("load", excludePaths=["*.py"])}
    assert len(search("load file", limit=1)) == 1
    assert len(search("load file", limit=100_000)) > 1
    assert search("load file", roots=[shared.root.as_uri()])


def test_null_means_left_out(shared: Shared) -> None:
    params = {"limit": None, "languages": None, "kinds": None, "partialResultToken": None}
    assert shared.server.search("read_settings", **params)[0]["name"] == "read_settings"


@pytest.mark.parametrize("query", ["", "   ", "\x00", "\ud800", "?!*", "a" * 100_000, "🚀" * 500])
def test_odd_queries_are_answered(shared: Shared, query: str) -> None:
    assert "hits" in shared.server.request("codesearch/search", {"query": query})


def test_hits_come_as_parts_when_asked_for(shared: Shared) -> None:
    plain = shared.server.search("parcel")
    params = {"query": "parcel", "partialResultToken": "p1", "workDoneToken": "w1"}
    result = shared.server.request("codesearch/search", params)
    values = {"p1": [], "w1": []}
    for sent in shared.server.sent("$/progress"):
        if sent["token"] in values:
            values[sent["token"]].append(sent["value"])
    assert result["hits"] == []
    assert result["completeness"]["complete"]
    assert [hit for part in values["p1"] for hit in part["hits"]] == plain
    assert [value["kind"] for value in values["w1"]] == ["begin", "end"]


def test_a_token_may_be_used_again(shared: Shared) -> None:
    for _ in range(2):
        shared.server.search("parcel", workDoneToken=7, limit=1)


ROCKETS = (
    'greeting = "🚀é€"; launch = lambda count: count  # 🚀\r\n\r\n\r\ndef land(): return "🚀"\r\n'
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_positions_are_in_the_encoding_of_the_client_also_in_files_not_open(
    start: Callable[..., Server], tmp_path: Path, encoding: str
) -> None:
    (tmp_path / "rockets.py").write_bytes(ROCKETS.encode())
    server = start()
    server.open(
        tmp_path, capabilities={**CAPABILITIES, "general": {"positionEncodings": [encoding]}}
    )
    server.wait_ready()
    codec = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2)}
    name, size = codec[encoding]
    lines = ROCKETS.split("\r\n")
    before = len(lines[0][: lines[0].index("launch")].encode(name)) // size
    launch = server.search("launch")[0]
    assert launch["selectionRange"]["start"] == {"line": 0, "character": before}
    land = server.search("land")[0]
    assert land["location"]["range"]["end"] == {
        "line": 3,
        "character": len(lines[3].encode(name)) // size,
    }


def test_names_of_files_that_need_quoting_and_files_made_later(
    ready: Server, workspace: Path
) -> None:
    odd = workspace / "café #1 100%.py"
    odd.write_text("def percolate():\n    return 1\n")
    hit = ready.wait_hit("percolate", lambda hit: hit["name"] == "percolate")
    assert hit["path"] == odd.name
    assert hit["location"]["uri"].endswith("/caf%C3%A9%20%231%20100%25.py")
    item = opened(odd, "def percolate():\n    return 2\n\n\ndef drip():\n    return 3\n")
    item["textDocument"]["uri"] = hit["location"]["uri"]
    ready.notify("textDocument/didOpen", item)
    assert ready.search("drip")[0]["location"]["uri"] == hit["location"]["uri"]


def test_searching_while_the_encoder_is_missing_says_what_to_do(
    start: Callable[..., Server], workspace: Path
) -> None:
    server = start()
    server.open(workspace, options={"encoder": {"name": str(workspace / "no-encoder")}})
    response = server.response(server.send("codesearch/search", {"query": "parcel"}))
    assert response["error"]["code"] == -32803
    assert response["error"]["data"]["kind"] == "EncoderError"
    assert response["error"]["data"]["remedy"]
    assert server.stop() == 0


def test_ranges_and_snippets_of_a_file_in_utf_16(server: Server, workspace: Path) -> None:
    text = "# Größe €\ndef weigh_parcel(parcel):\n    return parcel.weight\n"
    (workspace / "wide.py").write_bytes(f"\ufeff{text}".encode("utf-16-le"))
    server.open(workspace)
    server.wait_ready()
    hit = server.search("weigh_parcel")[0]
    assert hit["selectionRange"] == {
        "start": {"line": 1, "character": 4},
        "end": {"line": 1, "character": 16},
    }
    assert hit["snippet"].startswith("def weigh_parcel(parcel):")
