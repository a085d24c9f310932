"""`codesearch/status` asked and told, and what steers the index."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from codesearch.timing import read_latency
from tests.server.client import Server


def test_everything_there_is_to_know(ready: Server, workspace: Path) -> None:
    status = ready.status()
    assert status["protocolVersion"] == 1
    assert status["pid"] == ready.process.pid
    assert status["version"]
    (root,) = status["roots"]
    assert (root["root"], root["path"]) == (workspace.as_uri(), str(workspace))
    assert (root["name"], root["phase"], root["encoder"]) == ("shop", "ready", "fake")
    assert (root["files"], root["skipped"], root["warnings"]) == (2, {}, [])
    assert root["units"] == root["encoded"] == root["textsEncoded"]
    assert (root["pending"], root["cacheHits"]) == (0, 0)
    assert root["isWriter"]
    assert root["writerPid"] not in (None, ready.process.pid)
    assert root["staleness"]["dirty"] == 0
    assert 0 <= root["staleness"]["secondsSinceScan"] < 600
    assert root["probeCosine"] == 1
    assert status["load"]["searching"] == status["load"]["waiting"] == 0
    assert status["load"]["memory"] > 10_000_000
    assert status["load"]["workerMemory"] > 10_000_000
    assert "lastError" not in root  # what is not there is left out, never null


def test_latency_is_told_by_stage_and_kept(ready: Server, workspace: Path) -> None:
    for query in ("read the settings", "parcel"):
        ready.search(query)
    latency = ready.status()["roots"][0]["latency"]
    assert {"search", "encode", "recall", "rank"} <= latency.keys()
    for stage in latency.values():
        assert stage["count"] >= 1
        assert 0 <= stage["p50"] <= stage["p90"] <= stage["p99"]
    assert latency["search"]["p99"] >= latency["recall"]["p50"]
    ready.until(lambda: "search" in read_latency(workspace))


def test_params_may_be_left_out(server: Server) -> None:
    server.open()
    for params in (None, {}, [], {"roots": None}, {"roots": []}, {"future": 1}):
        assert server.request("codesearch/status", params)["roots"] == []


def test_told_when_it_changes(ready: Server) -> None:
    told = ready.wait_sent(
        "codesearch/status", lambda p: p["roots"] and p["roots"][0]["phase"] == "ready"
    )
    assert told["pid"] == ready.process.pid
    assert told["roots"][0]["complete"]
    assert ready.sent("codesearch/status")[0]["roots"][0]["phase"] != "ready"


def test_pause_resume_and_reindex(ready: Server, workspace: Path) -> None:
    encoded = ready.status()["roots"][0]["textsEncoded"]
    ready.request("codesearch/pause", {"roots": [workspace.as_uri()]})
    ready.wait_status(lambda roots: roots[0]["phase"] == "paused")
    (workspace / "later.py").write_text("def later():\n    return 1\n")
    assert ready.search("read_settings")[0]["name"] == "read_settings"
    ready.request("codesearch/resume")
    ready.wait_hit("later", lambda hit: hit["name"] == "later")
    ready.wait_ready()
    answer = ready.request("codesearch/reindex", {})
    assert answer["roots"][0]["root"] == workspace.as_uri()
    root = ready.wait_ready()["roots"][0]
    assert root["files"] == 3
    assert root["textsEncoded"] == encoded + 1


def test_a_folder_that_is_not_there(start: Callable[..., Server], tmp_path: Path) -> None:
    server = start()
    server.open(tmp_path / "missing")
    assert server.search("anything") == []
    assert server.stop() == 0
