"""semble, the peer whose times ours are divided by: installed and given a model, offline.

semble's own model lives on a hub. Its speed does not depend on what the numbers in a static
model are, so one of the same shape is made from the token vectors of the packaged encoder.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from codesearch.encoder.locate import locate
from codesearch.settings import EncoderSettings

_VERSION = "0.7.0"
_DIMENSION = 256  # of semble's own model
_MAKE_MODEL = """
import sys
from pathlib import Path
import numpy as np
from model2vec import StaticModel
from safetensors import safe_open
from tokenizers import Tokenizer
folder, target, dimension = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
with safe_open(folder / "model.safetensors", "np") as weights:
    name = next(n for n in weights.keys() if n.endswith("word_embeddings.weight"))
    vectors = weights.get_tensor(name)[:, :dimension].astype(np.float32)
StaticModel(vectors, Tokenizer.from_file(str(folder / "tokenizer.json"))).save_pretrained(target)
"""


class Semble:
    """semble in a virtual environment in `work`, made on first use."""

    def __init__(self, work: Path) -> None:
        self._venv = work / f"semble-{_VERSION}"
        self._model = work / "static-model"
        if not (self._venv / "bin" / "semble").exists():
            subprocess.run([sys.executable, "-m", "venv", str(self._venv)], check=True)
            pip = [str(self._venv / "bin" / "pip"), "install", "-q", f"semble=={_VERSION}"]
            subprocess.run([*pip, "safetensors"], check=True)
        if not self._model.exists():
            folder = locate(EncoderSettings()).folder
            python = str(self._venv / "bin" / "python")
            made = [python, "-c", _MAKE_MODEL, str(folder), str(self._model), str(_DIMENSION)]
            subprocess.run(made, check=True)

    def search(self, root: Path, query: str, home: str) -> float:
        """Seconds that a search takes as a whole process; `home` holds its cache."""
        began = time.monotonic()
        subprocess.run(
            [str(self._venv / "bin" / "semble"), "search", query, str(root), "-k", "10"],
            check=True,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "HOME": home, "SEMBLE_MODEL_NAME": str(self._model)},
        )
        return time.monotonic() - began

    def cold(self, root: Path, query: str) -> float:
        """As `search`, on a repository it has never seen."""
        with tempfile.TemporaryDirectory() as home:
            return self.search(root, query, home)
