"""Percentiles of how long things took."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesearch.paths import index_home, make_private
from codesearch.timing import Latency, Timings, read_latency, write_latency


def test_percentiles_in_milliseconds() -> None:
    timings = Timings()
    for number in range(100, 0, -1):
        timings.add("recall", number / 1000)
    assert timings.summary() == {"recall": Latency(100, 50.0, 90.0, 99.0)}


def test_one_run_is_every_percentile() -> None:
    timings = Timings()
    timings.add("encode", 0.007)
    assert timings.summary() == {"encode": Latency(1, 7.0, 7.0, 7.0)}


def test_only_the_latest_count() -> None:
    timings = Timings()
    for seconds in [9.0] * 1000 + [0.001] * 1000:
        timings.add("rank", seconds)
    assert timings.summary()["rank"] == Latency(2000, 1.0, 1.0, 1.0)


def test_what_fails_does_not_count() -> None:
    timings = Timings()
    with timings.stage("good"):
        pass
    with pytest.raises(RuntimeError), timings.stage("bad"):
        raise RuntimeError
    assert list(timings.summary()) == ["good"]


def test_kept_beside_the_index(tmp_path: Path) -> None:
    assert read_latency(tmp_path) == {}
    home = make_private(index_home(tmp_path))
    summary = {"search": Latency(3, 1.0, 2.0, 2.5)}
    write_latency(tmp_path, summary)
    assert read_latency(tmp_path) == summary
    for damaged in ("", "[]", '{"search": 3}', '{"search": {"count": 1}}'):
        (home / "latency.json").write_text(damaged)
        assert read_latency(tmp_path) == {}
