"""The Python interface with the packaged encoder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import codesearch
from codesearch.errors import EncoderError, UsageError
from codesearch.settings import EncoderSettings, Settings


def test_the_default_encoder_by_itself() -> None:
    encoder = codesearch.load_encoder()
    texts = ["read a file", "def read(path): return open(path).read()", "boil an egg"]
    for encode in (encoder.encode_queries, encoder.encode_documents):
        vectors = encode(texts)
        assert vectors.shape == (3, encoder.info.dimension)
        assert vectors.dtype == np.float32
        assert np.linalg.norm(vectors, axis=1) == pytest.approx([1.0] * 3, abs=1e-5)
        assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


def test_an_encoder_is_named_by_a_path_as_well(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="nowhere"):
        codesearch.load_encoder(tmp_path / "nowhere")


def test_a_missing_encoder_is_told_before_any_work(tmp_path: Path) -> None:
    settings = Settings(encoder=EncoderSettings(name=str(tmp_path / "nowhere")))
    with pytest.raises(EncoderError):
        codesearch.open(tmp_path, settings)


def test_an_unknown_language_is_refused(tmp_path: Path) -> None:
    with (
        codesearch.open(tmp_path, update=False) as index,
        pytest.raises(UsageError, match="klingon"),
    ):
        index.search("warp", languages=["klingon"])
