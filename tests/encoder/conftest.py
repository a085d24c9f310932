"""Encoders for the tests of this room: the packaged one, and tiny ones with random weights."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from codesearch.encoder import Encoder, load_encoder
from codesearch.settings import EncoderSettings

WORDS = ["the", "file", "is", "read", "and", "parsed", "into", "code", "query", "search", "class"]


@pytest.fixture(scope="session")
def packaged() -> Encoder:
    return load_encoder(EncoderSettings(threads=2))


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two layers and 32 dimensions, saved as transformers saves it. Not to be changed."""
    folder = tmp_path_factory.mktemp("tiny")
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    letters = [letter for c in "abcdefghijklmnopqrstuvwxyz" for letter in (c, f"##{c}")]
    vocabulary = {word: i for i, word in enumerate([*special, *letters, *WORDS, ":"])}
    tokenizer = transformers.BertTokenizer(vocab=vocabulary, model_max_length=48)
    torch.manual_seed(7)
    config = transformers.BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=0.5,  # large, so that texts differ
    )
    transformers.BertModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def make_folder(tiny_model: Path, tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder like `tiny_model` with further JSON files: `make(**{"a/b.json": value})`."""

    def make(**files: Any) -> Path:
        folder = tmp_path / "model"
        for source in tiny_model.iterdir():
            write(folder / source.name, source.read_bytes())
        for name, value in files.items():
            write(folder / name, json.dumps(value).encode())
        return folder

    def write(path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    return make
