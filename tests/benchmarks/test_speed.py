"""Some of the measures of speed, on a tiny repository, so that they cannot rot."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from benchmarks.speed import commands, quick, server
from benchmarks.speed.places import Places
from benchmarks.speed.table import lines

PARCELS = Path(__file__).parents[2] / "fixtures" / "parcels"


@pytest.mark.timeout(900)  # it is several starts of everything, on a busy machine
def test_measures_of_a_tiny_repository(tmp_path: Path) -> None:
    places = Places(PARCELS, tmp_path, units=20, texts=20)
    figures = [*server.started(places, 1), *commands.alone(places, 1)]
    assert all(figure.value > 0 for figure in figures)
    assert len(lines(figures)) == 2 + len(figures)
    for figure in figures:
        assert any(figure.measure.startswith(name) for name in quick.BOUNDS), figure
    assert set(quick.measures(places)) >= {"started", "search"}
    assert all(least <= most and not math.isnan(most) for least, most in quick.BOUNDS.values())
    assert places.part.is_dir()
    assert (places.sample / ".git").is_dir()
