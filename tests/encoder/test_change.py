"""The packaged encoder's own file: what is shipped, what it does to the base, and what if not."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from codesearch.encoder import change, describe, load_encoder, load_query_encoder, locate
from codesearch.encoder.locate import BASE_NAME
from codesearch.errors import EncoderError
from codesearch.settings import EncoderSettings

SHIPPED = Path(change.__file__).with_name("codesearch-1.safetensors")
CARD = SHIPPED.with_suffix(".md")


def test_the_file_is_the_one_of_the_model_card() -> None:
    assert hashlib.sha256(SHIPPED.read_bytes()).hexdigest() in CARD.read_text()


def test_the_file_is_a_hundredth_of_the_base() -> None:
    folder = describe(EncoderSettings()).folder
    assert folder is not None
    assert SHIPPED.stat().st_size < (folder / "model.safetensors").stat().st_size / 100


def test_each_change_fits_a_matrix_of_the_base() -> None:
    folder = describe(EncoderSettings()).folder
    assert folder is not None
    weights = load_file(folder / "model.safetensors")
    changes = change.read_changes(SHIPPED)
    assert len(changes) == 36  # six matrices in each of six layers
    for name, one in changes.items():
        base = weights[f"{name}.weight"]
        assert one.whole.shape == base.shape
        assert 0 < np.linalg.norm(one.whole) < np.linalg.norm(base)


def test_it_is_near_its_base_and_not_the_same() -> None:
    texts = ["def total(values): return sum(values)", "where is the connection closed"]
    vectors = [
        load_query_encoder(EncoderSettings(name=name)).encode_queries(texts)
        for name in (None, BASE_NAME)
    ]
    cosines = (vectors[0] * vectors[1]).sum(axis=1)
    assert (cosines > 0.6).all()
    assert (cosines < 0.99).all()


@pytest.mark.parametrize("load", [load_encoder, load_query_encoder])
def test_a_damaged_file_is_refused(load, tmp_path, monkeypatch) -> None:
    damaged = tmp_path / SHIPPED.name
    shutil.copyfile(SHIPPED, damaged)
    with damaged.open("r+b") as file:
        file.truncate(1000)
    monkeypatch.setattr(locate, "CHANGE", damaged)
    with pytest.raises(EncoderError, match="cannot be loaded"):
        load(EncoderSettings(cache_mb=0))


def test_a_missing_file_is_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(locate, "CHANGE", tmp_path / "gone.safetensors")
    with pytest.raises(EncoderError, match="cannot be read"):
        describe(EncoderSettings())
