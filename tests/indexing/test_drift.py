"""An encoder that changed under an index is noticed."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from codesearch.encoder import load_encoder
from codesearch.indexing.drift import LEAST_COSINE, compare, drift_of, probe, to_text
from codesearch.indexing.refresh import refresh
from codesearch.settings import EncoderSettings, Settings
from codesearch.store import Manifest

FAKE = EncoderSettings(name="fake")


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODESEARCH_TEST", "1")


def test_the_packaged_encoder_agrees_with_itself() -> None:
    vectors = probe(load_encoder(EncoderSettings(threads=1)))
    cosine = compare(to_text(vectors), vectors)
    assert cosine is not None
    assert cosine > LEAST_COSINE


def test_one_probe_that_moved_is_enough() -> None:
    vectors = probe(load_encoder(FAKE))
    moved = vectors.copy()
    moved[3] = np.roll(moved[3], 1)
    found = compare(to_text(vectors), moved)
    assert found is not None
    assert found < LEAST_COSINE


@pytest.mark.parametrize("kept", ["", "not base64!", to_text(np.ones((2, 3), np.float32))])
def test_what_was_kept_of_other_probes_is_not_compared(kept: str) -> None:
    assert compare(kept, probe(load_encoder(FAKE))) is None


def test_drift_is_a_warning_in_the_status(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    settings = Settings(encoder=FAKE)
    (root / "a.py").write_text("def melt(pan):\n    return pan\n")
    status = refresh(root, settings)
    assert status.probe_cosine == 1.0
    assert not status.warnings
    assert drift_of(root, load_encoder(FAKE)) == pytest.approx(1.0, abs=1e-3)

    with closing(Manifest.open(root)) as manifest:  # as another encoder would have left it
        manifest.set_meta(probes=to_text(np.roll(probe(load_encoder(FAKE)), 1, axis=1)))
    (root / "b.py").write_text("def stir(pot):\n    return pot\n")
    status = refresh(root, settings)
    assert status.probe_cosine is not None
    assert status.probe_cosine < LEAST_COSINE
    assert any("makes other vectors" in warning for warning in status.warnings)


def test_without_an_index_there_is_nothing_to_compare(tmp_path: Path) -> None:
    assert drift_of(tmp_path, load_encoder(FAKE)) is None
