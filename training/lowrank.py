"""A low-rank change to every matrix of the layers, trained while the base stands still.

Two thin matrices stand for each change (Hu et al. 2021, "LoRA"), so that what is shipped is a
hundredth of the encoder; the words' vectors stay the base's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

FILE = "factors.safetensors"  # of a run, in its folder
_LAYER = re.compile(r"encoder\.layer\.\d+\..*")


class LowRank(nn.Module):
    """weight + up @ down, with `up` (rows, rank) and `down` (rank, columns); nothing at first."""

    def __init__(self, weight: Tensor, rank: int) -> None:
        super().__init__()
        rows, columns = weight.shape
        self.up = nn.Parameter(weight.new_zeros(rows, rank))
        self.down = nn.Parameter(torch.randn(rank, columns) / columns**0.5)

    def forward(self, weight: Tensor) -> Tensor:
        return weight + self.up @ self.down


def add(model: Any, rank: int) -> None:
    """Freeze `model` and give every matrix of its layers a change of `rank`."""
    model.requires_grad_(False)
    for _, linear in _linears(model):
        change = LowRank(linear.weight, rank).to(linear.weight.device)
        parametrize.register_parametrization(linear, "weight", change)


def factors(model: Any) -> dict[str, Tensor]:
    """`up` and `down` of each changed matrix, by the matrix's name and a suffix."""
    found = {}
    for name, linear in _linears(model):
        change = linear.parametrizations.weight[0]
        found[f"{name}.up"] = change.up.detach().cpu()
        found[f"{name}.down"] = change.down.detach().cpu()
    return found


def restore(model: Any, known: Mapping[str, Tensor]) -> None:
    """Set the changes of `model` to those that `factors` told of another one of the same rank."""
    with torch.no_grad():
        for name, linear in _linears(model):
            change = linear.parametrizations.weight[0]
            change.up.copy_(known[f"{name}.up"])
            change.down.copy_(known[f"{name}.down"])


def merge(model: Any) -> None:
    """Make the changes part of the weights: a plain model again."""
    for _, linear in _linears(model):
        parametrize.remove_parametrizations(linear, "weight", leave_parametrized=True)


def _linears(model: Any) -> Iterator[tuple[str, nn.Linear]]:
    for name, module in list(model.named_modules()):
        if isinstance(module, nn.Linear) and _LAYER.fullmatch(name):
            yield name, module
