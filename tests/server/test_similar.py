"""`codesearch/similar`: from a position, a selection or a snippet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.server.client import ResponseError, Server, opened
from tests.server.conftest import STORE, Shared

LINES = STORE.splitlines()
READ = LINES.index("def read_settings(path):")


def similar(server: Server, **params: Any) -> list[dict[str, Any]]:
    hits: list[dict[str, Any]] = server.request("codesearch/similar", params)["hits"]
    return hits


def at(line: int, character: int = 0) -> dict[str, int]:
    return {"line": line, "character": character}


def names(hits: list[dict[str, Any]]) -> list[str]:
    return [hit["name"] for hit in hits]


def test_from_a_position(shared: Shared) -> None:
    document = {"uri": shared.uri("store.py")}
    hits = similar(shared.server, textDocument=document, position=at(READ + 2, 9))
    assert hits[0]["name"] == "load_options"
    assert "read_settings" not in names(hits)
    limited = similar(shared.server, textDocument=document, position=at(READ), limit=1)
    assert names(limited) == ["load_options"]


@pytest.mark.parametrize("uri", ["untitled:Two", "two.js"])
def test_the_column_chooses_between_functions_on_one_line(
    ready: Server, workspace: Path, uri: str
) -> None:
    """Counted in the client's encoding, UTF-16 here: the rocket is two units and four bytes."""
    money = "function cents(amount) { return Math.round(amount * 100) / 100; }"
    text = f"/* {'🚀' * 40} */ {money} function zebra() {{ return 'stripes'; }}\n"
    if uri == "two.js":
        (workspace / uri).write_text(text, encoding="utf-8")
        uri = (workspace / uri).as_uri()
        ready.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 1}]})
        ready.wait_hit("cents", lambda hit: hit["name"] == "cents")
    else:
        item = {"uri": uri, "languageId": "javascript", "version": 1, "text": text}
        ready.notify("textDocument/didOpen", {"textDocument": item})
    units = text.encode("utf-16-le")
    columns = {name: units.index(name.encode("utf-16-le")) // 2 for name in ("cents", "zebra")}
    found = {
        name: names(similar(ready, textDocument={"uri": uri}, position=at(0, column)))
        for name, column in columns.items()
    }
    assert found["cents"][0] == "roundMoney"
    assert found["zebra"] != found["cents"]


def test_from_a_selection(shared: Shared) -> None:
    selection = {"start": at(READ), "end": at(READ + 4)}
    hits = similar(shared.server, textDocument={"uri": shared.uri("store.py")}, range=selection)
    assert hits[0]["name"] == "load_options"
    assert "read_settings" not in names(hits)


def test_from_a_snippet(shared: Shared) -> None:
    text = "function loadOptions(path) { /* Load the options file from disk */ }"
    hits = similar(shared.server, text=text, languageId="javascriptreact")
    assert "load_options" in names(hits[:2])
    only = similar(shared.server, text=text, languages=["javascript"])
    assert {hit["language"] for hit in only} == {"javascript"}


def test_from_a_document_that_is_no_file(shared: Shared) -> None:
    uri = "untitled:Untitled-1"
    text = "\n".join(LINES[READ : READ + 4]) + "\n\n\ndef other():\n    return 1\n"
    item = {"uri": uri, "languageId": "python", "version": 1, "text": text}
    shared.server.notify("textDocument/didOpen", {"textDocument": item})
    hits = similar(shared.server, textDocument={"uri": uri}, position=at(1, 2))
    assert hits[0]["name"] == "read_settings"
    shared.server.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    with pytest.raises(ResponseError) as refused:
        similar(shared.server, textDocument={"uri": uri}, position=at(1, 2))
    assert refused.value.code == -32602


def test_from_a_file_outside_every_folder(shared: Shared, tmp_path: Path) -> None:
    outside = tmp_path / "outside.py"
    outside.write_text("\n".join(LINES[READ : READ + 4]))
    hits = similar(shared.server, textDocument={"uri": outside.as_uri()}, position=at(0))
    assert hits[0]["name"] == "read_settings"
    with pytest.raises(ResponseError) as refused:
        similar(
            shared.server,
            textDocument={"uri": (tmp_path / "missing.py").as_uri()},
            position=at(0),
        )
    assert refused.value.code == -32602


@pytest.mark.parametrize("line", [0, 10_000, 2**31 - 1])
def test_any_position_is_answered(shared: Shared, line: int) -> None:
    document = {"uri": shared.uri("store.py")}
    similar(shared.server, textDocument=document, position=at(line, 2**31 - 1))


def test_of_an_unsaved_function_by_what_is_on_the_screen(ready: Server, workspace: Path) -> None:
    text = STORE + '\n\ndef fetch_options(path):\n    """Load the options file from disk."""\n'
    ready.notify("textDocument/didOpen", opened(workspace / "store.py", text))
    line = text.splitlines().index("def fetch_options(path):")
    document = {"uri": (workspace / "store.py").as_uri()}
    hits = similar(ready, textDocument=document, position=at(line))
    assert hits[0]["name"] == "load_options"


def test_across_folders(start: Callable[..., Server], workspace: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "copy.py").write_text("\n".join(LINES[READ : READ + 4]))
    server = start()
    server.open(workspace, other)
    server.wait_ready()
    document = {"uri": (workspace / "store.py").as_uri()}
    hits = similar(server, textDocument=document, position=at(READ))
    assert {hit["root"] for hit in hits} == {workspace.as_uri(), other.as_uri()}
    assert hits[0]["path"] == "copy.py"
    only = similar(server, textDocument=document, position=at(READ), roots=[other.as_uri()])
    assert {hit["path"] for hit in only} == {"copy.py"}
