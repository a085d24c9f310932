"""The tensors of a safetensors file, as little of them in memory as a question needs."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

Array = NDArray[np.float32]

WORDS = "embeddings.word_embeddings.weight"
ATTENDING = ".attention.self."  # in the names of what is joined, and so not used as it is


class Rows:
    """A table of float32 in a file, (rows, width), of which only what is asked for is read.

    Of the words' vectors, half of all weights, a question touches a dozen. Were they mapped, each
    would bring sixteen pages with it. Thread-safe.
    """

    def __init__(self, path: Path, offset: int, shape: Sequence[int]) -> None:
        """The table of `shape` that begins `offset` bytes into the file, which stays open."""
        self._file = path.open("rb", buffering=0)
        self._lock = threading.Lock()
        self._offset = offset
        self._size = 4 * shape[1]

    def __getitem__(self, rows: Sequence[int]) -> Array:
        return np.stack([np.frombuffer(self._read(row), "<f4") for row in rows])

    def _read(self, row: int) -> bytes:
        with self._lock:
            self._file.seek(self._offset + row * self._size)
            return self._file.read(self._size)


def read_tensors(path: Path) -> tuple[Array | Rows, dict[str, Array]]:
    """The words' vectors, and all other tensors, as float32, named from the model's top.

    What is float32 there is left in the file, so that windows' servers share what they use, except
    for what is `ATTENDING`.

    Raises:
        OSError, ValueError, KeyError, safetensors.SafetensorError: it is no such file.
    """
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
    header.pop("__metadata__", None)
    header.pop("embeddings.position_ids", None)  # 0, 1, 2, …: saved by older versions
    if any(one["dtype"] != "F32" for one in header.values()):
        loaded = {_name(name): one.astype(np.float32) for name, one in load_file(path).items()}
        return loaded.pop(WORDS), loaded
    tensors = {_name(name): one for name, one in header.items()}
    start = 8 + size
    words = tensors.pop(WORDS)
    data: NDArray[Any] = np.asarray(np.memmap(path, np.uint8, "r", offset=start))

    def tensor(name: str, one: Mapping[str, Any]) -> Array:
        begin, end = one["data_offsets"]
        if ATTENDING in name:
            found: Array = np.fromfile(path, "<f4", (end - begin) // 4, offset=start + begin)
        else:
            found = data[begin:end].view("<f4")
        return found.reshape(one["shape"])

    table = Rows(path, start + words["data_offsets"][0], words["shape"])
    return table, {name: tensor(name, one) for name, one in tensors.items()}


def _name(name: str) -> str:
    """Whichever head it was saved with."""
    return name.removeprefix("bert.")
