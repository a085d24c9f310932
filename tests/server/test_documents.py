"""What is on the screen, what was saved, and what happens to files behind the editor's back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.server.client import Server, opened
from tests.server.conftest import MONEY, STORE


def names(server: Server, query: str) -> list[str]:
    return [hit["name"] for hit in server.search(query)]


def test_unsaved_text_is_searched_as_it_is_on_the_screen(ready: Server, workspace: Path) -> None:
    store = workspace / "store.py"
    text = STORE.replace("read_settings", "read_preferences")
    ready.notify("textDocument/didOpen", opened(store, text))
    assert names(ready, "read_preferences")[0] == "read_preferences"
    assert "read_settings" not in names(ready, "read_settings")
    edit = {
        "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}},
        "text": "# 🚀\r\n\x0c\r\n",
    }
    identifier = {"uri": store.as_uri(), "version": 2}
    ready.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": [edit]})
    moved = ready.search("read_preferences")[0]["selectionRange"]["start"]
    line = STORE.splitlines().index("def read_settings(path):")
    assert moved == {"line": line + 2, "character": 4}
    ready.notify("textDocument/didClose", {"textDocument": {"uri": store.as_uri()}})
    assert names(ready, "read_settings")[0] == "read_settings"


def test_a_new_buffer_is_searched_before_it_has_a_file(ready: Server, workspace: Path) -> None:
    new = workspace / "new" / "drafts.py"
    ready.notify("textDocument/didOpen", opened(new, "def scribble():\n    return 1\n"))
    hit = ready.search("scribble")[0]
    assert (hit["name"], hit["path"]) == ("scribble", "new/drafts.py")


def test_documents_that_are_no_files_are_left_alone(ready: Server) -> None:
    for uri in ("untitled:1", "git:/a.py?x", "http://example/x", "", "file://", "%%%"):
        item = {"uri": uri, "languageId": "python", "version": 1, "text": "def odd(): pass"}
        ready.notify("textDocument/didOpen", {"textDocument": item})
        ready.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    assert "odd" not in names(ready, "odd")
    assert ready.sent("window/showMessage") == []


def test_a_save_shows_in_the_next_search_and_encodes_only_what_is_new(
    ready: Server, workspace: Path
) -> None:
    before = ready.status()["roots"][0]["textsEncoded"]
    store = workspace / "store.py"
    ready.notify("textDocument/didOpen", opened(store, STORE))
    text = STORE + "\n\ndef count_parcels(self):\n    return len(self.shelf)\n"
    identifier = {"uri": store.as_uri(), "version": 2}
    ready.notify(
        "textDocument/didChange",
        {"textDocument": identifier, "contentChanges": [{"text": text}]},
    )
    store.write_text(text)
    ready.notify("textDocument/didSave", {"textDocument": {"uri": store.as_uri()}})
    assert names(ready, "count_parcels")[0] == "count_parcels"  # at once, whatever the index says
    ready.notify("textDocument/didClose", {"textDocument": {"uri": store.as_uri()}})
    ready.wait_hit("count_parcels", lambda hit: hit["name"] == "count_parcels")
    after = ready.wait_ready()["roots"][0]
    assert after["textsEncoded"] == before + 1


def test_changes_of_files_behind_the_editor(ready: Server, workspace: Path) -> None:
    ready.wait_status(lambda roots: roots[0]["complete"])
    before = ready.status()["roots"][0]["textsEncoded"]
    (workspace / "money.js").rename(workspace / "cash.js")
    hit = ready.wait_hit("roundMoney", lambda hit: hit["path"] == "cash.js")
    assert hit["location"]["uri"] == (workspace / "cash.js").as_uri()
    (workspace / "cash.js").write_text(MONEY.replace("roundMoney", "roundCents"))
    ready.wait_hit("roundCents", lambda hit: hit["name"] == "roundCents")
    (workspace / "cash.js").unlink()
    ready.wait_status(lambda roots: roots[0]["complete"] and roots[0]["files"] == 1)
    assert "roundCents" not in names(ready, "roundCents")
    # The path is part of what is encoded, so a rename may encode a file's units once more.
    assert ready.status()["roots"][0]["textsEncoded"] <= before + 2 * 3


def test_files_told_by_the_client(ready: Server, workspace: Path) -> None:
    (workspace / "told.py").write_text("def whisper():\n    return 1\n")
    change = {"uri": (workspace / "told.py").as_uri(), "type": 1}
    ready.notify("workspace/didChangeWatchedFiles", {"changes": [change]})
    ready.wait_hit("whisper", lambda hit: hit["path"] == "told.py")


@pytest.mark.parametrize("target", ["fifo", "/dev/zero"])
def test_a_document_that_is_no_regular_file_holds_nobody_up(
    ready: Server, workspace: Path, target: str
) -> None:
    """A FIFO would be waited for for ever, and a device read without end."""
    os.mkfifo(workspace / "fifo")
    (workspace / "link.py").symlink_to(target)
    ready.notify("textDocument/didOpen", opened(workspace / "link.py", "def opened(): pass\n"))
    numbers = [ready.send("codesearch/search", {"query": "parcel"}) for _ in range(8)]
    assert all(ready.result(number)["hits"] for number in numbers)
