"""The forward pass of BERT-shaped encoders in numpy, for queries.

torch and transformers take seconds to import and hundreds of megabytes; a query is a dozen tokens.
Loading this takes a quarter of a second, so that a command or an editor that has just
started can search by meaning. It makes the vectors that torch makes (tests/encoder/test_light.py
holds them together); documents in bulk stay with torch, which is faster at them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController
from tokenizers import Tokenizer

from codesearch.encoder.change import Change, read_changes
from codesearch.encoder.files import Description
from codesearch.encoder.info import EncoderInfo
from codesearch.encoder.recipe import Recipe
from codesearch.encoder.rows import unit_rows
from codesearch.encoder.tensors import ATTENDING, Array, Rows, read_tensors
from codesearch.errors import EncoderError, SearchCancelledError


def is_light(description: Description) -> bool:
    """Whether this module can stand in for transformers, vector for vector."""
    recipe = description.recipe
    config = _config(recipe)
    return (
        config.get("model_type") == "bert"
        and config.get("hidden_act") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
        and not recipe.dense
        and (recipe.pool_prefix or not recipe.query_prefix)
        and (recipe.model_folder / "tokenizer.json").is_file()
        and (recipe.model_folder / "model.safetensors").is_file()
    )


def load_light(description: Description) -> LightEncoder:
    """The described encoder; `is_light` must hold.

    Raises:
        EncoderError: its files do not make a working encoder.
    """
    folder = description.recipe.model_folder
    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        words, weights = read_tensors(folder / "model.safetensors")
        return LightEncoder(description.info, description.recipe, tokenizer, words, weights)
    except Exception as error:
        raise EncoderError(
            f"the encoder in {folder} cannot be loaded: {error}",
            "Fetch its files again, or set encoder.name to another encoder.",
        ) from error


class LightEncoder:
    """See `codesearch.encoder.info.Encoder`. One text at a time: nothing is padded."""

    def __init__(
        self,
        info: EncoderInfo,
        recipe: Recipe,
        tokenizer: Tokenizer,
        words: Array | Rows,
        weights: dict[str, Array],
    ) -> None:
        self.info = info
        self._recipe = recipe
        config = _config(recipe)
        self._epsilon = float(config.get("layer_norm_eps", 1e-12))
        self._heads = int(config["num_attention_heads"])
        tokenizer.no_padding()
        tokenizer.enable_truncation(recipe.window)
        self._tokenizer = tokenizer
        self._threads = ThreadpoolController()
        self._words, self._weights = words, weights
        self._changes = read_changes(recipe.change) if recipe.change else {}
        self._layers = [self._layer(i) for i in range(int(config["num_hidden_layers"]))]

    def encode_queries(self, texts: Sequence[str]) -> Array:
        return self._encode(texts, self._recipe.query_prefix, None)

    def encode_documents(self, texts: Sequence[str], stop: Event | None = None) -> Array:
        return self._encode(texts, self._recipe.document_prefix, stop)

    def _encode(self, texts: Sequence[str], prefix: str, stop: Event | None) -> Array:
        rows = np.zeros((len(texts), self.info.dimension), dtype=np.float32)
        # Products this small gain nothing from a second thread, and wait for it on a busy
        # machine: 7 ms a query became 250 ms while an indexer ran beside it.
        with self._threads.limit(limits=1, user_api="blas"):
            for index, text in enumerate(texts):
                if stop is not None and stop.is_set():
                    raise SearchCancelledError("encoding was stopped")
                pooled = self._pooled(self._forward(self._tokens(prefix + text)))
                rows[index] = pooled[: self.info.dimension]
        return unit_rows(rows)

    def _tokens(self, text: str) -> list[int]:
        if self._recipe.lower_case:
            text = text.lower()
        return list(self._tokenizer.encode(text).ids) or [0]

    def _pooled(self, hidden: Array) -> Array:
        if self._recipe.pooling == "mean":
            mean: Array = hidden.mean(axis=0)
            return mean
        row: Array = hidden[0 if self._recipe.pooling == "cls" else -1]
        return row

    def _forward(self, tokens: list[int]) -> Array:
        """Hidden states (tokens, width) of one text."""
        hidden = self._words[tokens] + self._table("position")[: len(tokens)]
        hidden = hidden + self._table("token_type")[0]
        hidden = self._normalised(hidden.astype(np.float32), "embeddings.LayerNorm")
        for number, layer in enumerate(self._layers):
            name = f"encoder.layer.{number}"
            attended = layer.out(self._attention(hidden, layer))
            hidden = self._normalised(hidden + attended, f"{name}.attention.output.LayerNorm")
            hidden = hidden + layer.down(_gelu(layer.up(hidden)))
            hidden = self._normalised(hidden, f"{name}.output.LayerNorm")
        return hidden

    def _attention(self, hidden: Array, layer: _Layer) -> Array:
        count, width = hidden.shape
        size = width // self._heads
        joint = layer.inputs(hidden).reshape(count, 3, self._heads, size)
        query, key, value = joint.transpose(1, 2, 0, 3)
        weights = query @ key.transpose(0, 2, 1) / np.float32(np.sqrt(size))
        weights = np.exp(weights - weights.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        mixed: Array = (weights @ value).transpose(1, 0, 2).reshape(count, width)
        return mixed

    def _normalised(self, values: Array, name: str) -> Array:
        centred = values - values.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + self._epsilon)
        scaled: Array = (
            centred / spread * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        )
        return scaled

    def _table(self, kind: str) -> Array:
        return self._weights[f"embeddings.{kind}_embeddings.weight"]

    def _layer(self, number: int) -> _Layer:
        name = f"encoder.layer.{number}"
        return _Layer(
            inputs=self._joint([f"{name}{ATTENDING}{part}" for part in ("query", "key", "value")]),
            out=self._linear(f"{name}.attention.output.dense"),
            up=self._linear(f"{name}.intermediate.dense"),
            down=self._linear(f"{name}.output.dense"),
        )

    def _joint(self, names: Sequence[str]) -> _Linear:
        """Several products of the same rows as one."""
        weights = [self._weights.pop(f"{name}.weight") for name in names]
        changes = [self._changes.get(name) for name in names]
        biases = [self._weights[f"{name}.bias"] for name in names]
        pairs = zip(weights, changes, strict=True)
        changed = [weight if change is None else weight + change.whole for weight, change in pairs]
        return _Linear(np.concatenate(changed), np.concatenate(biases))

    def _linear(self, name: str) -> _Linear:
        weights = self._weights
        return _Linear(weights[f"{name}.weight"], weights[f"{name}.bias"], self._changes.get(name))


@dataclass(frozen=True, slots=True)
class _Layer:
    """The products of one layer."""

    inputs: _Linear  # queries, keys and values
    out: _Linear
    up: _Linear
    down: _Linear


class _Linear:
    """x W' + b, and what a change adds: not to W itself, which is shared through the file."""

    def __init__(self, weight: Array, bias: Array, change: Change | None = None) -> None:
        self._weight, self._bias, self._change = weight.T, bias, change

    def __call__(self, rows: Array) -> Array:
        product: Array = rows @ self._weight + self._bias
        if self._change is not None:
            product += (rows @ self._change.down.T) @ self._change.up.T
        return product


def _gelu(values: Array) -> Array:
    """GELU by the error function of Abramowitz and Stegun 7.1.26 (error below 2e-7)."""
    scaled = np.abs(values) * np.float32(np.sqrt(0.5))
    t = 1 / (1 + np.float32(0.3275911) * scaled)
    tail = t * (
        0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))
    )
    error = np.sign(values) * (1 - tail * np.exp(-scaled * scaled))
    result: Array = (0.5 * values * (1 + error)).astype(np.float32)
    return result


def _config(recipe: Recipe) -> Mapping[str, Any]:
    config: Mapping[str, Any] = json.loads(
        (recipe.model_folder / "config.json").read_text(encoding="utf-8")
    )
    return config
