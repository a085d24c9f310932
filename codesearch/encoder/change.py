"""What training has changed in the packaged encoder: two thin matrices for each of its weights.

A weight W, (rows, columns), becomes W + up @ down with `up` (rows, rank) and `down` (rank, columns)
(Hu et al. 2021, "LoRA"). They are stored as whole numbers of eight bits and a scale for each
rank, a hundredth of the encoder; training/ makes the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Change:
    """What is added to one weight."""

    up: Array  # (rows, rank)
    down: Array  # (rank, columns)

    @property
    def whole(self) -> Array:
        """What is added, (rows, columns)."""
        product: Array = self.up @ self.down
        return product


def read_changes(path: Path) -> dict[str, Change]:
    """The changes by the names of the matrices, without ".weight".

    Raises:
        OSError, safetensors.SafetensorError, KeyError: it is no such file.
    """
    tensors = load_file(path)
    names = [name.removesuffix(".scale") for name in tensors if name.endswith(".scale")]
    return {
        name: Change(
            up=tensors[f"{name}.up"].astype(np.float32) * tensors[f"{name}.scale"],
            down=tensors[f"{name}.down"].astype(np.float32),
        )
        for name in names
    }
