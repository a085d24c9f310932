"""How an encoder's folder says that its vectors are made.

Read from the files that sentence-transformers writes beside a model (`modules.json`, the pooling
module's `config.json`, `sentence_bert_config.json`, `config_sentence_transformers.json`), then
from the model's and tokenizer's own; settings come before them all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codesearch.errors import EncoderError
from codesearch.settings import EncoderSettings

POOLINGS = ("mean", "cls", "last")

_FILE_POOLINGS = {"mean": "mean", "mean_tokens": "mean", "cls": "cls", "cls_token": "cls"} | {
    "lasttoken": "last",
    "last": "last",
}
_SIZE_KEYS = ("hidden_size", "d_model", "dim", "n_embd")
_POSITION_KEYS = ("max_position_embeddings", "n_positions", "max_seq_len")
# These count positions from the padding token's number, so their tables have idle rows.
_OFFSET_POSITIONS = {"roberta", "xlm-roberta", "camembert", "mpnet", "longformer", "data2vec-text"}
_FALLBACK_TOKENS = 512
_UNBOUNDED = 1_000_000  # tokenizers write 1e30 where they know no limit

_QUERY_PROMPTS = ("query",)
_DOCUMENT_PROMPTS = ("document", "passage", "corpus")


@dataclass(frozen=True, slots=True)
class Dense:
    """A linear layer after pooling, as sentence-transformers saves it."""

    folder: Path
    dimension: int
    activation: str  # "Identity", "Tanh", ...


@dataclass(frozen=True, slots=True)
class Recipe:
    """From a text to a vector: everything but the weights."""

    model_folder: Path  # where config.json, weights and tokenizer lie
    pooling: str  # one of POOLINGS
    pool_prefix: bool  # whether the prefix's tokens take part in pooling
    query_prefix: str
    document_prefix: str
    lower_case: bool
    window: int  # tokens that go through the model, special tokens included
    dense: tuple[Dense, ...]
    model_dimension: int  # of a pooled and projected vector
    dimension: int  # after truncation
    change: Path | None  # what is added to the weights, see change.py


def read_recipe(folder: Path, settings: EncoderSettings, change: Path | None = None) -> Recipe:
    """The recipe of the encoder in `folder`.

    Raises:
        EncoderError: `folder` holds no model, or one whose recipe is not known here.
    """
    modules = _modules(folder)
    model_folder = folder / modules.get("Transformer", [""])[0]
    config = _model_config(model_folder)
    pooling_config = _pooling_config(folder, modules)
    prompts = _prompts(folder)
    dense = tuple(_dense(folder / path) for path in modules.get("Dense", []))
    dimension = dense[-1].dimension if dense else _hidden_size(config, pooling_config, folder)
    bert = _json(model_folder / "sentence_bert_config.json")
    return Recipe(
        model_folder=model_folder,
        pooling=_pooling(settings, pooling_config),
        pool_prefix=pooling_config.get("include_prompt") is not False,
        query_prefix=_prefix(settings.query_prefix, prompts, _QUERY_PROMPTS),
        document_prefix=_prefix(settings.document_prefix, prompts, _DOCUMENT_PROMPTS),
        lower_case=bert.get("do_lower_case") is True,
        window=_window(settings, bert, config, model_folder),
        dense=dense,
        model_dimension=dimension,
        dimension=_truncated(settings, dimension),
        change=change,
    )


def _json(path: Path) -> Mapping[str, Any]:
    value = _any_json(path)
    return value if isinstance(value, dict) else {}


def _any_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise EncoderError(
            f"{path} cannot be read: {error}", "Fetch the encoder's files again."
        ) from error


def _modules(folder: Path) -> dict[str, list[str]]:
    """Module name -> folders inside `folder`, by modules.json (empty when there is none)."""
    listed = _any_json(folder / "modules.json")
    modules: dict[str, list[str]] = {}
    for module in listed if isinstance(listed, list) else ():
        package, _, kind = str(module.get("type", "")).rpartition(".")
        if package.split(".")[0] != "sentence_transformers" or kind not in _KNOWN_MODULES:
            raise EncoderError(
                f"the encoder in {folder} has a step that is not supported: {package}.{kind}",
                "Set encoder.name to an encoder made of Transformer, Pooling, Dense and Normalize.",
            )
        modules.setdefault(kind, []).append(str(module.get("path", "")))
    return modules


_KNOWN_MODULES = {"Transformer", "Pooling", "Dense", "Normalize"}


def _model_config(folder: Path) -> Mapping[str, Any]:
    config = _json(folder / "config.json")
    if not config:
        raise EncoderError(
            f"no model in {folder}: it has no config.json",
            "Set encoder.name to a folder that holds config.json, a tokenizer and "
            "model.safetensors.",
        )
    inner = config.get("text_config")
    return {**config, **inner} if isinstance(inner, dict) else config


def _pooling_config(folder: Path, modules: Mapping[str, list[str]]) -> Mapping[str, Any]:
    return _json(folder / modules.get("Pooling", ["1_Pooling"])[0] / "config.json")


def _pooling(settings: EncoderSettings, config: Mapping[str, Any]) -> str:
    if settings.pooling is not None:
        if settings.pooling not in POOLINGS:
            raise EncoderError(
                f"unknown pooling {settings.pooling!r}",
                f"Set encoder.pooling to one of {', '.join(POOLINGS)}.",
            )
        return settings.pooling
    named = config.get("pooling_mode")
    stated = [named] if isinstance(named, str) else []
    stated = stated or [
        key.removeprefix("pooling_mode_")
        for key, value in config.items()
        if key.startswith("pooling_mode_") and value is True
    ]
    if not stated:
        return "mean"
    known = [_FILE_POOLINGS.get(name) for name in stated]
    if len(known) != 1 or known[0] is None:
        raise EncoderError(
            f"the encoder pools by {' + '.join(stated)}, which is not supported",
            f"Set encoder.pooling to one of {', '.join(POOLINGS)}, or choose another encoder.",
        )
    return known[0]


def _prompts(folder: Path) -> Mapping[str, str]:
    config = _json(folder / "config_sentence_transformers.json")
    prompts = config.get("prompts")
    texts = {k: v for k, v in prompts.items() if v} if isinstance(prompts, dict) else {}
    default = texts.get(config.get("default_prompt_name"), "")
    return {**texts, "": default}


def _prefix(setting: str | None, prompts: Mapping[str, str], names: tuple[str, ...]) -> str:
    if setting is not None:
        return setting
    return next((prompts[name] for name in names if name in prompts), prompts[""])


def _hidden_size(config: Mapping[str, Any], pooling: Mapping[str, Any], folder: Path) -> int:
    sizes = [pooling.get("word_embedding_dimension"), *(config.get(key) for key in _SIZE_KEYS)]
    size = next((size for size in sizes if isinstance(size, int) and size > 0), None)
    if size is None:
        raise EncoderError(
            f"the config.json in {folder} does not say how long the vectors are",
            "Set encoder.name to another encoder.",
        )
    return size


def _truncated(settings: EncoderSettings, dimension: int) -> int:
    wanted = settings.dimension
    if wanted is None:
        return dimension
    if not 1 <= wanted <= dimension:
        raise EncoderError(
            f"encoder.dimension is {wanted}, but the encoder's vectors have {dimension}",
            f"Set encoder.dimension to at most {dimension}, or leave it out.",
        )
    return wanted


def _window(
    settings: EncoderSettings,
    bert: Mapping[str, Any],
    config: Mapping[str, Any],
    model_folder: Path,
) -> int:
    tokenizer = _json(model_folder / "tokenizer_config.json")
    positions = _positions(config)
    stated = (settings.max_tokens, bert.get("max_seq_length"), tokenizer.get("model_max_length"))
    window = next(filter(None, map(_limit, stated)), positions or _FALLBACK_TOKENS)
    return min(window, positions or window)


def _limit(value: Any) -> int | None:
    sensible = isinstance(value, int | float) and 0 < value < _UNBOUNDED
    return int(value) if sensible else None


def _positions(config: Mapping[str, Any]) -> int | None:
    table = next(filter(None, (_limit(config.get(key)) for key in _POSITION_KEYS)), None)
    if table is None or config.get("model_type") not in _OFFSET_POSITIONS:
        return table
    return table - int(config.get("pad_token_id") or 0) - 1


def _dense(folder: Path) -> Dense:
    config = _json(folder / "config.json")
    activation = str(config.get("activation_function", "torch.nn.Identity")).rpartition(".")[2]
    size = config.get("out_features")
    if not isinstance(size, int):
        raise EncoderError(f"{folder} does not describe a dense layer", "Fetch the files again.")
    return Dense(folder=folder, dimension=size, activation=activation)
