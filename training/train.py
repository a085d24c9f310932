"""The training loop: seeded, resumable, bounded by steps or minutes, with a log of every run."""

from __future__ import annotations

import copy
import json
import math
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional

from training import lowrank
from training.batches import false_negatives
from training.model import contrastive, embed, kept_geometry, load_model, load_tokenizer
from training.options import Options
from training.pairs import Pair
from training.stored import drawn, stored

# Objectives whose questions are code: what the base knows of those need not be kept.
_BY_CODE = {"code", "override", "behaviour", "test"}


def train(options: Options) -> Path:
    """Run, or go on with, the run in `options.out`; return the folder of the trained weights."""
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    run = _Run(options)
    with (options.out / "log.jsonl").open("a", encoding="utf-8") as log:
        run.loop(log)
    return run.save()


class _Run:
    def __init__(self, options: Options) -> None:
        self._options = options
        options.out.mkdir(parents=True, exist_ok=True)
        self._tokenizer = load_tokenizer(options.base, options.max_tokens)
        self._base = load_model(options.base).to(options.device).eval()
        self._model = self._starting()
        self._optimizer = torch.optim.AdamW(_parameters(self._model), lr=options.rate, fused=True)
        self._step, self._seconds = 0, 0.0
        self._resume()

    def _starting(self) -> Any:
        """The network as it is before the first step."""
        options = self._options
        if options.start and not options.rank:
            return load_model(options.start).to(options.device)
        model = copy.deepcopy(self._base).train()
        if options.rank:
            lowrank.add(model, options.rank)
        if options.rank and options.start:
            lowrank.restore(model, load_file(options.start / lowrank.FILE))
        return model

    def loop(self, log: TextIO) -> None:
        """Steps until a bound is reached."""
        options = self._options
        source = drawn(options.data)
        _write(log, self._heading(source))
        batches = stored(options.data, self._step % source["batches"])
        saved, sums = self._seconds, _Sums()
        while (progress := self._progress()) < 1:
            began = time.perf_counter()
            self._set_rate(progress)
            sums.add(self._train(next(batches)))
            self._step += 1
            self._seconds += time.perf_counter() - began
            if self._step % options.log_every == 0:
                _write(log, self._state() | sums.means())
                sums = _Sums()
            if self._seconds - saved > 60 * options.save_minutes:
                self._checkpoint()
                saved = self._seconds

    def save(self) -> Path:
        """The weights as a folder that transformers reads, beside the base's other files."""
        self._checkpoint()
        folder = self._options.out / "model"
        if self._options.rank:
            save_file(lowrank.factors(self._model), self._options.out / lowrank.FILE)
            lowrank.merge(self._model)
        self._model.save_pretrained(folder)
        return folder

    def _train(self, pairs: Sequence[Pair]) -> dict[str, float]:
        """One step; what the log says of it."""
        texts = [*(pair.query for pair in pairs), *(pair.document for pair in pairs)]
        vectors = self._vectors(texts)
        left, right = vectors[: len(pairs)], vectors[len(pairs) :]
        loss = contrastive(left, right, _mask(pairs, vectors.device))
        moved = self._moved(pairs, left)
        (loss + self._options.keep * moved).backward()
        if self._options.cached:
            self._backward(texts, vectors.grad)
        norm = torch.nn.utils.clip_grad_norm_(self._model.parameters(), 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        return {
            "loss": loss.item(),
            "moved": moved.item(),
            "norm": norm.item(),
            "first": _first(left.detach(), right.detach()),
        }

    def _vectors(self, texts: Sequence[str]) -> Tensor:
        """Vectors of `texts`: with their graph, or cut off from it for gradient caching."""
        if not self._options.cached:
            return embed(self._model, self._tokenizer, texts, self._options.chunk)
        with torch.no_grad():
            vectors = embed(self._model, self._tokenizer, texts, self._options.chunk)
        return vectors.requires_grad_()

    def _backward(self, texts: Sequence[str], gradient: Tensor | None) -> None:
        """Run `texts` again, a chunk at a time, and hand on the gradient of their vectors."""
        assert gradient is not None
        size = self._options.chunk
        for start in range(0, len(texts), size):
            part = texts[start : start + size]
            vectors = embed(self._model, self._tokenizer, part, size)
            vectors.backward(gradient[start : start + size])

    def _moved(self, pairs: Sequence[Pair], queries: Tensor) -> Tensor:
        plain = [index for index, pair in enumerate(pairs) if pair.objective not in _BY_CODE]
        if not plain:
            return queries.new_zeros(())
        with torch.no_grad():
            base = embed(self._base, self._tokenizer, [pairs[i].query for i in plain], 32)
        return kept_geometry(queries[plain], base)

    def _progress(self) -> float:
        options = self._options
        return max(self._step / options.steps, self._seconds / (60 * options.minutes))

    def _set_rate(self, progress: float) -> None:
        """Linear warm-up, then half a cosine down to a twentieth."""
        warmup = self._options.warmup
        rest = max(0.0, (progress - warmup) / (1 - warmup))
        factor = min(progress / warmup + 0.01, 0.05 + 0.95 * (1 + math.cos(math.pi * rest)) / 2)
        for group in self._optimizer.param_groups:
            group["lr"] = self._options.rate * min(1.0, factor)

    def _state(self) -> dict[str, Any]:
        rate = self._optimizer.param_groups[0]["lr"]
        return {"step": self._step, "seconds": round(self._seconds), "rate": rate}

    def _heading(self, source: dict[str, Any]) -> dict[str, Any]:
        options = {key: str(value) for key, value in asdict(self._options).items()}
        return {"options": options, "data": source, "from_step": self._step}

    def _checkpoint(self) -> None:
        target = self._options.out / "checkpoint.pt"
        state = {
            "model": self._model.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "step": self._step,
            "seconds": self._seconds,
        }
        torch.save(state, target.with_suffix(".new"))
        target.with_suffix(".new").replace(target)

    def _resume(self) -> None:
        path = self._options.out / "checkpoint.pt"
        if path.is_file():
            state = torch.load(path, map_location=self._options.device, weights_only=True)
            self._model.load_state_dict(state["model"])
            self._optimizer.load_state_dict(state["optimizer"])
            self._step, self._seconds = state["step"], state["seconds"]


class _Sums:
    """Means of what steps report, between two lines of the log."""

    def __init__(self) -> None:
        self._sums: defaultdict[str, float] = defaultdict(float)
        self._count = 0

    def add(self, values: dict[str, float]) -> None:
        for key, value in values.items():
            self._sums[key] += value
        self._count += 1

    def means(self) -> dict[str, float]:
        return {key: round(value / self._count, 4) for key, value in self._sums.items()}


def _mask(pairs: Sequence[Pair], device: torch.device) -> Tensor:
    """(n, n) bool: pairs that mean nearly the same and are no negatives."""
    mask = torch.zeros(len(pairs), len(pairs), dtype=torch.bool)
    for i, j in false_negatives(pairs):
        mask[i, j] = mask[j, i] = True
    return mask.to(device)


def _first(queries: Tensor, documents: Tensor) -> float:
    """The share of questions whose own document is the nearest."""
    scores = functional.normalize(queries, dim=1) @ functional.normalize(documents, dim=1).T
    own = torch.arange(len(queries), device=queries.device)
    return float((scores.argmax(1) == own).float().mean())


def _parameters(model: Any) -> list[dict[str, Any]]:
    """Matrices with weight decay, everything else without."""
    trained = [one for one in model.parameters() if one.requires_grad]
    matrices = [one for one in trained if one.dim() > 1]
    others = [one for one in trained if one.dim() <= 1]
    return [{"params": matrices, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}]


def _write(log: TextIO, row: dict[str, Any]) -> None:
    log.write(json.dumps(row) + "\n")
    log.flush()
