"""Trained weights to the folder that is shipped: fp16, the base's tokenizer, nothing else."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

# What codesearch/encoder/recipe.py and a tokenizer need; not the base's own card.
_COPIED = (
    "config.json",
    "modules.json",
    "sentence_bert_config.json",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
    "1_Pooling/config.json",
)
_SUMS = "SHA256SUMS"


def export(base: Path, trained: Path, out: Path, *, share: float = 1.0) -> dict[str, str]:
    """Write `share` of `trained` plus the rest of `base` to `out`; return the files' checksums.

    Averaging with the base keeps what training forgets; `share` is chosen on evaluation.
    """
    out.mkdir(parents=True, exist_ok=True)
    for name in _COPIED:
        if (base / name).is_file():
            (out / name).parent.mkdir(exist_ok=True)
            shutil.copyfile(base / name, out / name)
    config: dict[str, Any] = json.loads((base / "config.json").read_text())
    config |= {"_name_or_path": "codesearch", "dtype": "float16"}
    (out / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    old, new = (_weights(folder) for folder in (base, trained))
    mixed = {
        name: (share * tensor.float() + (1 - share) * old[name].float()).to(torch.float16)
        for name, tensor in new.items()
    }
    save_file(mixed, out / "model.safetensors", metadata={"format": "pt"})
    return write_sums(out)


def _weights(folder: Path) -> dict[str, torch.Tensor]:
    """Tensors by the names of a model without a head; position numbers and poolers left out."""
    named = load_file(folder / "model.safetensors")
    names = {name: name.removeprefix("bert.") for name in named}
    return {
        short: named[name].contiguous()
        for name, short in names.items()
        if not short.startswith("pooler.") and not short.endswith("position_ids")
    }


def write_sums(folder: Path) -> dict[str, str]:
    """Write and return the SHA-256 of every file in `folder`."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != _SUMS)
    sums = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }
    (folder / _SUMS).write_text("".join(f"{value}  {name}\n" for name, value in sums.items()))
    return sums
