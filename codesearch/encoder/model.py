"""A loaded transformers model as an encoder. Imports torch: only `load` imports it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from threading import Event, Lock
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from codesearch.encoder.info import EncoderInfo
from codesearch.encoder.recipe import Recipe
from codesearch.encoder.rows import unit_rows
from codesearch.errors import SearchCancelledError

# The matrix library keeps about a megabyte for every shape it has met, for good: 57,000 texts of
# any length left a worker with 3.5 GB. So there are only some hundred shapes.
_LENGTH_STEP = 8  # tokens; costs 3 % of padding
_GROUP_SIZES = (256, 192, 128, 96, 64, 48, 32, 24, 16, 12, 8, 6, 4, 3, 2, 1)

Layer = Callable[[Tensor], Tensor]


class TransformerEncoder:
    """See `codesearch.encoder.info.Encoder`.

    Args:
        info: what the outside is told.
        recipe: pooling, prefixes and lengths.
        tokenizer: a fast tokenizer of transformers.
        model: its forward takes `input_ids` and `attention_mask` and gives `last_hidden_state`.
        layers: what follows pooling.
        batch_tokens: bound of the padded tokens of one batch.
    """

    def __init__(
        self,
        info: EncoderInfo,
        recipe: Recipe,
        *,
        tokenizer: Any,
        model: Any,
        layers: Sequence[Layer],
        batch_tokens: int,
    ) -> None:
        self.info = info
        self._recipe = recipe
        self._tokenizer = tokenizer
        self._tokenizer_lock = Lock()  # a fast tokenizer refuses a second thread
        self._model = model
        self._layers = layers
        self._batch_tokens = batch_tokens
        pad = tokenizer.pad_token_id
        self._pad = int(pad if pad is not None else tokenizer.eos_token_id or 0)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._encode(texts, self._recipe.query_prefix, None)

    def encode_documents(
        self, texts: Sequence[str], stop: Event | None = None
    ) -> NDArray[np.float32]:
        return self._encode(texts, self._recipe.document_prefix, stop)

    def _encode(self, texts: Sequence[str], prefix: str, stop: Event | None) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.info.dimension), dtype=np.float32)
        tokens = self._tokenize([prefix + text for text in texts])
        skipped = self._prefix_tokens(prefix)
        for rows in batches([len(ids) for ids in tokens], self._batch_tokens):
            if stop is not None and stop.is_set():
                raise SearchCancelledError("encoding was stopped")
            vectors[rows] = self._forward([tokens[row] for row in rows], skipped)
        return vectors

    def _tokenize(self, texts: list[str]) -> list[list[int]]:
        if not texts:
            return []
        if self._recipe.lower_case:
            texts = [text.lower() for text in texts]
        with self._tokenizer_lock:
            encoded = self._tokenizer(
                texts,
                truncation=True,
                max_length=self._recipe.window,
                padding=False,
                return_attention_mask=False,
                return_token_type_ids=False,
            )
        # Not every tokenizer marks beginning and end: an empty text may have no token at all.
        return [ids or [self._pad] for ids in encoded["input_ids"]]

    def _prefix_tokens(self, prefix: str) -> int:
        """How many leading tokens are left out of pooling."""
        if not prefix or self._recipe.pool_prefix:
            return 0
        ids = self._tokenize([prefix])[0]
        return len(ids) - (ids[-1] in (self._tokenizer.sep_token_id, self._tokenizer.eos_token_id))

    def _forward(self, tokens: list[list[int]], skipped: int) -> NDArray[np.float32]:
        with torch.inference_mode():
            ids, mask = self._padded(tokens)
            hidden = self._model(input_ids=ids, attention_mask=mask).last_hidden_state
            pooled = pool(hidden, mask, self._recipe.pooling, skipped)
            for layer in self._layers:
                pooled = layer(pooled)
            return unit_rows(pooled[:, : self.info.dimension].cpu().numpy())

    def _padded(self, tokens: list[list[int]]) -> tuple[Tensor, Tensor]:
        """Tokens and mask, (texts, longest), padded on the right whatever the tokenizer does."""
        longest = min(padded_length(max(map(len, tokens))), self._recipe.window)
        ids = torch.full((len(tokens), longest), self._pad, dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, text in enumerate(tokens):
            ids[row, : len(text)] = torch.tensor(text)
            mask[row, : len(text)] = 1
        return ids.to(self._model.device), mask.to(self._model.device)


def batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Indexes of `lengths`, longest first, in groups of at most `budget` padded tokens.

    Longest first, so that memory is at its peak, and fails if it must, with the first group. A
    text longer than `budget` makes a group of its own. Groups have one of a few sizes.
    """
    waiting = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    while waiting:
        most = max(1, budget // padded_length(max(1, lengths[waiting[0]])))
        size = next(size for size in _GROUP_SIZES if size <= min(most, len(waiting)))
        yield waiting[:size]
        waiting = waiting[size:]


def padded_length(tokens: int) -> int:
    """The length that texts of so many tokens are padded to."""
    return -(-tokens // _LENGTH_STEP) * _LENGTH_STEP


def pool(hidden: Tensor, mask: Tensor, pooling: str, skipped: int = 0) -> Tensor:
    """One float32 vector a text from `hidden`, (texts, tokens, dimension), padded on the right.

    The first `skipped` tokens of each text do not count for the mean.
    """
    if pooling == "cls":
        return hidden[:, 0].float()
    if pooling == "last":
        rows = torch.arange(len(hidden), device=hidden.device)
        return hidden[rows, mask.sum(dim=1) - 1].float()
    weights = mask.clone()
    weights[:, :skipped] = 0
    weights = weights.unsqueeze(-1).float()
    return (hidden.float() * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1.0)
