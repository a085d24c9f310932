"""The factors of a run as the file that is shipped: codesearch/encoder/change.py reads it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from training.lowrank import FILE

_MOST = 127  # of a whole number of eight bits


def export_change(run: Path, out: Path, *, share: float = 1.0) -> str:
    """Write `share` of what `run` has changed to `out`; return the file's SHA-256."""
    factors = load_file(run / FILE)
    tensors = {}
    for name in sorted(one.removesuffix(".up") for one in factors if one.endswith(".up")):
        up, up_scale = _whole(factors[f"{name}.up"].T)
        down, down_scale = _whole(factors[f"{name}.down"])
        tensors[f"{name}.up"] = np.ascontiguousarray(up.T)
        tensors[f"{name}.down"] = down
        tensors[f"{name}.scale"] = (share * up_scale * down_scale).astype(np.float32)
    save_file(tensors, out)
    return hashlib.sha256(out.read_bytes()).hexdigest()


def _whole(rows: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Each row as whole numbers, and what one of them is worth, (rank,)."""
    scale = np.abs(rows).max(axis=1) / _MOST
    scale[scale == 0] = 1
    return np.rint(rows / scale[:, None]).astype(np.int8), scale
