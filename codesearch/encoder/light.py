"""The forward pass of BERT-shaped encoders in numpy, for queries.

torch and transformers take seconds to import and hundreds of megabytes; a query is a dozen tokens.
Loading this takes a quarter of a second, so that a command or an editor that has just
started can search by meaning. It makes the vectors that torch makes (tests/encoder/test_light.py
holds them together); documents in bulk stay with torch, which is faster at them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from threadpoolctl import ThreadpoolController
from tokenizers import Tokenizer

from codesearch.encoder.change import Change, read_changes
from codesearch.encoder.files import Description
from codesearch.encoder.info import EncoderInfo
from codesearch.encoder.recipe import Recipe
from codesearch.encoder.rows import unit_rows
from codesearch.errors import EncoderError, SearchCancelledError

Array = NDArray[np.float32]


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
        weights = _tensors(folder / "model.safetensors")
        return LightEncoder(description.info, description.recipe, tokenizer, weights)
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
        weights: Mapping[str, NDArray[Any]],
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
        self._weights = _without_prefix(weights)
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
        hidden = self._table("word")[tokens] + self._table("position")[: len(tokens)]
        hidden = hidden + self._table("token_type")[0]
        hidden = self._normalised(hidden.astype(np.float32), "embeddings.LayerNorm")
        for number, layer in enumerate(self._layers):
            name = f"encoder.layer.{number}"
            attended = layer["out"](self._attention(hidden, layer["qkv"]))
            hidden = self._normalised(hidden + attended, f"{name}.attention.output.LayerNorm")
            hidden = hidden + layer["down"](_gelu(layer["up"](hidden)))
            hidden = self._normalised(hidden, f"{name}.output.LayerNorm")
        return hidden

    def _attention(self, hidden: Array, inputs: _Linear) -> Array:
        count, width = hidden.shape
        size = width // self._heads
        joint = inputs(hidden).reshape(count, 3, self._heads, size)
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

    def _layer(self, number: int) -> dict[str, _Linear]:
        """The products of one layer, those of the three inputs as one."""
        name = f"encoder.layer.{number}"
        inputs = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
        matrices = {
            "out": f"{name}.attention.output.dense",
            "up": f"{name}.intermediate.dense",
            "down": f"{name}.output.dense",
        }
        joint = _Linear(
            np.concatenate([self._changed(one) for one in inputs]),
            np.concatenate([self._take(f"{one}.bias") for one in inputs]),
        )
        return {"qkv": joint, **{key: self._linear(one) for key, one in matrices.items()}}

    def _linear(self, name: str) -> _Linear:
        weight, bias = self._take(f"{name}.weight"), self._take(f"{name}.bias")
        return _Linear(weight, bias, self._changes.get(name))

    def _changed(self, name: str) -> Array:
        weight, change = self._take(f"{name}.weight"), self._changes.get(name)
        return weight if change is None else weight + change.whole

    def _take(self, name: str) -> Array:
        return self._weights.pop(name)


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


def _tensors(path: Path) -> dict[str, NDArray[Any]]:
    """The tensors of a safetensors file, left in the file where they are float32.

    Of the words' vectors, half of all, a question touches a dozen; what it touches is shared
    with other windows' servers.
    """
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
    header.pop("__metadata__", None)
    header.pop("embeddings.position_ids", None)  # 0, 1, 2, …: saved by older versions
    if any(one["dtype"] != "F32" for one in header.values()):
        return load_file(path)
    data = np.asarray(np.memmap(path, np.uint8, "r", offset=8 + size))
    return {
        name: data[slice(*one["data_offsets"])].view("<f4").reshape(one["shape"])
        for name, one in header.items()
    }


def _without_prefix(weights: Mapping[str, NDArray[Any]]) -> dict[str, Array]:
    """Tensors as float32, named from the model's top, whichever head it was saved with."""
    return {
        name.removeprefix("bert."): one.astype(np.float32, copy=False)
        for name, one in weights.items()
    }


def _config(recipe: Recipe) -> Mapping[str, Any]:
    config: Mapping[str, Any] = json.loads(
        (recipe.model_folder / "config.json").read_text(encoding="utf-8")
    )
    return config
