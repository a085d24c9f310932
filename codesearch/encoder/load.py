"""From an encoder's files to a model in memory. Imports torch and transformers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional

from codesearch.encoder.change import read_changes
from codesearch.encoder.files import Description
from codesearch.encoder.machine import computes_bf16, thread_count
from codesearch.encoder.model import Layer, TransformerEncoder
from codesearch.encoder.recipe import Dense, Recipe
from codesearch.errors import EncoderError
from codesearch.settings import EncoderSettings

_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "Identity": lambda values: values,
    "Tanh": torch.tanh,
    "ReLU": torch.relu,
    "GELU": functional.gelu,
    "SiLU": functional.silu,
}
# Heads that some models have beside what is used here, and whose weights may be absent.
_UNUSED_WEIGHTS = ("pooler.", "lm_head.", "cls.", "classifier.")


def load(description: Description, settings: EncoderSettings) -> TransformerEncoder:
    """The described encoder, in memory and tried on one text.

    Raises:
        EncoderError: its files do not make a working encoder, or need code that is not allowed.
    """
    recipe = description.recipe
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()  # standard error may be an editor's log
    device = _device(settings.device)
    if device.type == "cpu":
        torch.set_num_threads(thread_count(settings.threads))
    encoder = TransformerEncoder(
        description.info,
        recipe,
        tokenizer=_tokenizer(recipe, settings),
        model=_model(recipe, settings, device),
        layers=[_dense(dense, device) for dense in recipe.dense],
        batch_tokens=settings.batch_tokens,
    )
    _try(encoder)
    return encoder


def _device(wanted: str) -> torch.device:
    if wanted != "auto":
        try:
            device = torch.device(wanted)
            torch.empty(1, device=device)
        except (RuntimeError, AssertionError) as error:
            raise EncoderError(
                f"the device {wanted!r} cannot be used: {error}",
                'Set encoder.device to "auto" or "cpu".',
            ) from error
        return device
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def _number_format(device: torch.device) -> torch.dtype:
    """bfloat16 where it is computed in hardware, which about triples the speed; else float32."""
    if device.type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        fast = device.type == "cpu" and computes_bf16()
    return torch.bfloat16 if fast else torch.float32


def _common(settings: EncoderSettings) -> dict[str, Any]:
    return {
        "local_files_only": not settings.allow_download,
        # An explicit False: without a value transformers asks on standard input.
        "trust_remote_code": settings.allow_remote_code,
    }


def _tokenizer(recipe: Recipe, settings: EncoderSettings) -> Any:
    folder = str(recipe.model_folder)
    try:
        return transformers.AutoTokenizer.from_pretrained(folder, **_common(settings))
    except Exception as error:
        raise _unusable("tokenizer", recipe, error) from error


def _model(recipe: Recipe, settings: EncoderSettings, device: torch.device) -> Any:
    try:
        model, report = transformers.AutoModel.from_pretrained(
            str(recipe.model_folder),
            use_safetensors=True,
            dtype=torch.float32 if recipe.change else _number_format(device),
            output_loading_info=True,
            **_common(settings),
        )
        if recipe.change:
            _change(model, recipe.change)
    except Exception as error:
        raise _unusable("model", recipe, error) from error
    missing = [name for name in report["missing_keys"] if not name.startswith(_UNUSED_WEIGHTS)]
    if missing:
        raise EncoderError(
            f"the weights in {recipe.model_folder} lack {len(missing)} of the model's tensors "
            f"({min(missing)}, …)",
            "Fetch its files again, or set encoder.name to another encoder.",
        )
    model.config.use_cache = False  # each text goes through once
    return model.eval().to(device, _number_format(device))


def _change(model: Any, path: Path) -> None:
    """Add what training has changed, in float32: it would be lost beside bfloat16's weights."""
    with torch.no_grad():
        for name, change in read_changes(path).items():
            model.get_submodule(name).weight += torch.from_numpy(change.whole)


def _unusable(part: str, recipe: Recipe, error: Exception) -> EncoderError:
    message = f"the {part} in {recipe.model_folder} cannot be loaded: {error}"
    if "trust_remote_code" in str(error):
        return EncoderError(
            f"the {part} in {recipe.model_folder} needs its own Python code, which is not allowed",
            "If you trust it, set encoder.allow_remote_code = true; else choose another encoder.",
        )
    return EncoderError(message, "Fetch its files again, or set encoder.name to another encoder.")


def _dense(dense: Dense, device: torch.device) -> Layer:
    activation = _ACTIVATIONS.get(dense.activation)
    if activation is None:
        raise EncoderError(
            f"the layer in {dense.folder} uses {dense.activation}, which is not supported",
            "Set encoder.name to another encoder.",
        )
    weights = load_file(dense.folder / "model.safetensors")
    weight = weights["linear.weight"].float().to(device)
    bias = weights["linear.bias"].float().to(device) if "linear.bias" in weights else None
    return lambda values: activation(functional.linear(values, weight, bias))


def _try(encoder: TransformerEncoder) -> None:
    """Encode something, so that a misfit shows now and the first query is not the slow one."""
    try:
        shape = encoder.encode_queries(["where is the text split into words"]).shape
    except Exception as error:
        raise EncoderError(
            f"the encoder {encoder.info.name} does not work: {error}",
            "Fetch its files again, or set encoder.name to another encoder.",
        ) from error
    if shape != (1, encoder.info.dimension):
        raise EncoderError(
            f"the encoder {encoder.info.name} makes vectors of {shape[1]} numbers instead of "
            f"{encoder.info.dimension}",
            "Its config.json does not fit its weights: fetch its files again.",
        )
