"""Everything about an encoder that its files tell without loading them."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, fields
from pathlib import Path

from codesearch.encoder.info import EncoderInfo
from codesearch.encoder.locate import locate
from codesearch.encoder.recipe import Recipe, read_recipe
from codesearch.encoder.text import TEXT_VERSION, estimate_tokens
from codesearch.errors import EncoderError
from codesearch.settings import EncoderSettings

# Without one of these, transformers makes up a tokenizer that knows no word.
_VOCABULARIES = (
    "tokenizer.json",
    "vocab.txt",
    "vocab.json",
    "sentencepiece.bpe.model",
    "spiece.model",
    "tokenizer.model",
)
# Files that decide how a text becomes numbers, beside the weights.
_MODEL_FILES = (
    *_VOCABULARIES,
    "config.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "merges.txt",
)
_PICKLED = ("pytorch_model*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")

# Hashing all weights takes a tenth of a second or more, at every start. Blocks all over
# the file, with its size and header, tell apart any two trained models.
_BLOCKS = 64
_BLOCK_BYTES = 4096
_SPECIAL_TOKENS = 2
_LEAST_ROOM = 16


@dataclass(frozen=True, slots=True)
class Description:
    """An encoder's public face and the recipe behind it."""

    info: EncoderInfo
    recipe: Recipe


def describe_files(settings: EncoderSettings) -> Description:
    """Find the encoder that `settings` name and read its small files.

    Raises:
        EncoderError: nothing usable is there.
    """
    name, folder, change = locate(settings)
    recipe = read_recipe(folder, settings, change)
    _expect_tokenizer(recipe, settings)
    try:
        fingerprint = _fingerprint(recipe, settings)
    except OSError as error:
        raise EncoderError(
            f"the encoder in {folder} cannot be read: {error}", "Fetch its files again."
        ) from error
    info = EncoderInfo(
        name=name,
        fingerprint=fingerprint,
        dimension=recipe.dimension,
        max_tokens=_room(recipe),
        folder=folder,
    )
    return Description(info=info, recipe=recipe)


def _expect_tokenizer(recipe: Recipe, settings: EncoderSettings) -> None:
    has_vocabulary = any((recipe.model_folder / name).is_file() for name in _VOCABULARIES)
    if not has_vocabulary and not settings.allow_remote_code:
        raise EncoderError(
            f"the encoder in {recipe.model_folder} has no tokenizer",
            "Fetch its files again, or set encoder.name to another encoder.",
        )


def _room(recipe: Recipe) -> int:
    """Tokens that are left for a document's own text."""
    prefix = math.ceil(estimate_tokens(recipe.document_prefix))
    room = recipe.window - _SPECIAL_TOKENS - prefix
    if room < _LEAST_ROOM:
        raise EncoderError(
            f"{recipe.window} tokens leave no room for text",
            "Set encoder.max_tokens to more, or encoder.document_prefix to a shorter text.",
        )
    return room


def _fingerprint(recipe: Recipe, settings: EncoderSettings) -> str:
    """A hash of all that vectors depend on, and of nothing that moves with the machine."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(f"text {TEXT_VERSION}\0".encode())
    for field in fields(recipe):
        if field.name not in ("model_folder", "dense", "change"):
            digest.update(f"{field.name}={getattr(recipe, field.name)!r}\0".encode())
    files = [recipe.model_folder / name for name in _MODEL_FILES]
    if settings.allow_remote_code:
        files += sorted(recipe.model_folder.glob("*.py"))
    for path in files:
        if path.is_file():
            digest.update(f"{path.name}\0".encode() + path.read_bytes())
    if recipe.change is not None:
        digest.update(b"change\0" + recipe.change.read_bytes())
    weights = _weights(recipe.model_folder)
    for dense in recipe.dense:
        digest.update(f"dense {dense.dimension} {dense.activation}\0".encode())
        weights += _weights(dense.folder)
    for path in weights:
        digest.update(_sample(path))
    return digest.hexdigest()


def _weights(folder: Path) -> list[Path]:
    """The safetensors files of `folder`; there is at least one."""
    if not (folder / "model.safetensors").is_file():
        if (folder / "model.safetensors.index.json").is_file():
            shards = sorted(folder.glob("model-*.safetensors"))
            if shards:
                return shards
        raise EncoderError(*_missing_weights(folder))
    return [folder / "model.safetensors"]


def _missing_weights(folder: Path) -> tuple[str, str]:
    if any(path for pattern in _PICKLED for path in folder.glob(pattern)):
        return (
            f"the encoder in {folder} has only pickled weights, which could run any code",
            "Convert them to model.safetensors, or set encoder.name to an encoder that has them.",
        )
    return (
        f"the encoder in {folder} has no weights (model.safetensors)",
        "Fetch its files again, or set encoder.name to another encoder.",
    )


def _sample(path: Path) -> bytes:
    """A digest of the file's size, its header of names and shapes, and blocks all over it."""
    digest = hashlib.blake2b(digest_size=16)
    size = path.stat().st_size
    digest.update(size.to_bytes(8, "little"))
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        digest.update(file.read(min(length, size)))
        last = max(0, size - _BLOCK_BYTES)
        for block in range(_BLOCKS):
            file.seek(last * block // (_BLOCKS - 1))
            digest.update(file.read(_BLOCK_BYTES))
    return digest.digest()
