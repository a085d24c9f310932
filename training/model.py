"""The network: a BERT-shaped encoder with mean pooling, and the losses on its vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

TEMPERATURE = 0.05
NESTED = ((384, 1.0), (256, 0.3), (128, 0.3))  # Matryoshka: first numbers of a vector, weight


def load_model(folder: Path) -> Any:
    """The encoder in `folder` in float32, without dropout."""
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    model = transformers.BertModel.from_pretrained(
        str(folder), add_pooling_layer=False, dtype=torch.float32,
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
        attn_implementation="sdpa",
    )  # fmt: skip
    return model.train()


def load_tokenizer(folder: Path, max_tokens: int) -> Any:
    """The fast tokenizer in `folder`, cutting at `max_tokens` (special ones included)."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(max_tokens)
    tokenizer.no_padding()
    return tokenizer


def embed(model: Any, tokenizer: Any, texts: Sequence[str], batch: int = 16) -> Tensor:
    """Mean-pooled vectors (texts, width), not normalised, in the order of `texts`.

    Texts are run in batches of similar length, so that little is padding.
    """
    ids = [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]
    order = sorted(range(len(ids)), key=lambda index: len(ids[index]))
    parts = [order[start : start + batch] for start in range(0, len(order), batch)]
    rows = [_pooled(model, [ids[index] for index in part]) for part in parts]
    back = torch.empty(len(order), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(order))
    return torch.cat(rows)[back.to(rows[0].device)]


def _pooled(model: Any, ids: Sequence[Sequence[int]]) -> Tensor:
    width = max(map(len, ids))
    device = model.device
    tokens = torch.tensor([[*row, *[0] * (width - len(row))] for row in ids], device=device)
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in ids], device=device)
    with torch.autocast(device.type, dtype=torch.bfloat16):
        hidden = model(input_ids=tokens, attention_mask=mask).last_hidden_state
    kept = mask[..., None].float()
    return (hidden.float() * kept).sum(1) / kept.sum(1)


def contrastive(queries: Tensor, documents: Tensor, ignored: Tensor) -> Tensor:
    """InfoNCE both ways at each nested dimension.

    `queries`, `documents`: (n, width). `ignored`: (n, n) bool, pairs that are no negatives.
    """
    labels = torch.arange(len(queries), device=queries.device)
    total = queries.new_zeros(())
    for dimension, weight in NESTED:
        left = functional.normalize(queries[:, :dimension], dim=1)
        right = functional.normalize(documents[:, :dimension], dim=1)
        scores = (left @ right.T / TEMPERATURE).masked_fill(ignored, -1e4)
        both = functional.cross_entropy(scores, labels) + functional.cross_entropy(scores.T, labels)
        total = total + weight * both / 2
    return total / sum(weight for _, weight in NESTED)


def kept_geometry(queries: Tensor, base: Tensor) -> Tensor:
    """How far the similarities of plain texts have moved from the base's: mean square."""
    ours = functional.normalize(queries, dim=1)
    theirs = functional.normalize(base, dim=1)
    return ((ours @ ours.T - theirs @ theirs.T) ** 2).mean()
