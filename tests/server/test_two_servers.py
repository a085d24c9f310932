"""Two editors on one folder: one index, one writer, the same answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.server.client import Server


def test_two_servers_on_one_folder(start: Callable[..., Server], workspace: Path) -> None:
    first, second = start(), start()
    for server in (first, second):
        server.open(workspace)
    roots = [server.wait_ready()["roots"][0] for server in (first, second)]
    assert sorted(root["isWriter"] for root in roots) == [False, True]
    for query in ("read_settings", "take a parcel off the shelf"):
        # Not at once: one may hold the index in memory already, where scores are rounded.
        first.until(lambda query=query: first.search(query) == second.search(query))
    assert roots[0]["units"] == roots[1]["units"]

    writer, follower = (first, second) if roots[0]["isWriter"] else (second, first)
    writer.kill()
    (workspace / "after.py").write_text("def afterwards():\n    return 1\n")
    follower.wait_hit("afterwards", lambda hit: hit["name"] == "afterwards")
    assert follower.wait_status(lambda told: told[0]["isWriter"])["roots"][0]["isWriter"]
    named = [hit for hit in follower.search("read_settings") if hit["name"] == "read_settings"]
    assert len(named) == 1  # nothing is there twice
    assert follower.stop() == 0
