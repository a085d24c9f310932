"""A folder that is opened for the first time is searched before its index has been made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from codesearch.indexing.protocol import WRITER_LOCK
from codesearch.paths import index_home, make_private
from codesearch.store import ProcessLock
from tests.server.client import Server


def test_words_are_found_while_the_indexer_cannot_begin(
    start: Callable[..., Server], workspace: Path
) -> None:
    lock = ProcessLock(make_private(index_home(workspace)) / WRITER_LOCK)
    assert lock.acquire()
    server = start()
    server.open(workspace)
    answer = server.request("codesearch/search", {"query": "load the configuration from disk"})
    assert answer["hits"][0]["name"] == "read_settings"
    assert not answer["completeness"]["complete"]
    assert any("not indexed yet" in note for note in answer["notes"])
    lock.release()

    def indexed() -> bool:
        found = server.request("codesearch/search", {"query": "load the configuration from disk"})
        return bool(found["completeness"]["units"]) and not found["notes"]

    server.until(indexed)
