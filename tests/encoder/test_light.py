"""The light forward pass makes the vectors that torch makes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel

from codesearch.encoder import load_encoder, load_query_encoder
from codesearch.encoder.light import LightEncoder
from codesearch.errors import EncoderError
from codesearch.settings import EncoderSettings

TEXTS = [
    "where is a retry delayed",
    "x",
    "",
    "parse json config file " * 100,
    "日本語 größe ÉTAT",
    "def f(a, b):\n    return a + b",
]


@pytest.mark.parametrize("name", [None, "all-MiniLM-L6-v2"])
def test_the_packaged_encoders_agree(name: str | None) -> None:
    settings = EncoderSettings(name=name)
    light, full = load_query_encoder(settings), load_encoder(settings)
    assert isinstance(light, LightEncoder)
    assert light.info == full.info
    for one, other in (
        (light.encode_queries(TEXTS), full.encode_queries(TEXTS)),
        (light.encode_documents(TEXTS), full.encode_documents(TEXTS)),
    ):
        assert one.dtype == np.float32
        assert np.linalg.norm(one, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-5)
        assert (one * other).sum(axis=1).min() > 0.999
    assert light.encode_queries([]).shape == (0, light.info.dimension)


@pytest.mark.parametrize("pooling", ["mean", "cls", "last"])
def test_other_berts_agree(tmp_path: Path, pooling: str) -> None:
    _save_tiny_bert(tmp_path)
    settings = EncoderSettings(
        name=str(tmp_path), pooling=pooling, query_prefix="query: ", dimension=16, device="cpu"
    )
    light, full = load_query_encoder(settings), load_encoder(settings)
    assert isinstance(light, LightEncoder)
    agreement = (light.encode_queries(TEXTS) * full.encode_queries(TEXTS)).sum(axis=1)
    assert agreement.min() > 0.999


def test_other_shapes_are_left_to_transformers(tmp_path: Path) -> None:
    _save_tiny_bert(tmp_path, hidden_act="relu")
    encoder = load_query_encoder(EncoderSettings(name=str(tmp_path), device="cpu"))
    assert not isinstance(encoder, LightEncoder)


def test_damaged_weights_are_an_error_with_a_remedy(tmp_path: Path) -> None:
    _save_tiny_bert(tmp_path)
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(EncoderError, match="cannot be loaded"):
        load_query_encoder(EncoderSettings(name=str(tmp_path)))


def test_it_does_without_torch() -> None:
    code = (
        "import sys; from codesearch.encoder import load_query_encoder;"
        "from codesearch.settings import EncoderSettings;"
        "load_query_encoder(EncoderSettings()).encode_queries(['a']);"
        "print({'torch', 'transformers'} & set(sys.modules))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "set()"


def _save_tiny_bert(folder: Path, hidden_act: str = "gelu") -> None:
    from codesearch.encoder.locate import locate

    torch.manual_seed(7)
    config = BertConfig(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
        hidden_act=hidden_act,
    )
    BertModel(config).save_pretrained(folder)
    packaged = locate(EncoderSettings()).folder
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt"):
        (folder / name).write_bytes((packaged / name).read_bytes())
