"""The limits of a warm-up: a bare forward pass, and sentence-transformers, on given texts.

`python -m benchmarks.speed.bare WHICH FILE` prints seconds; FILE holds one JSON list of texts. Each
runs in a process of its own, in the environment that a worker has.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from codesearch.encoder import describe, worker_environment
from codesearch.encoder.locate import locate
from codesearch.encoder.machine import computes_bf16, thread_count
from codesearch.settings import EncoderSettings, Settings

FORWARD, SENTENCE_TRANSFORMERS = "forward", "sentence-transformers"
_VERSION = "6.2.0"  # of sentence-transformers
_NEEDS = ("scikit-learn", "scipy", "joblib", "narwhals", "pillow", "tqdm")


def main() -> None:
    """Print how many seconds it took, without imports and loading."""
    which, file = sys.argv[1:]
    texts = json.loads(Path(file).read_text())
    print({FORWARD: _forward, SENTENCE_TRANSFORMERS: _sentence_transformers}[which](texts))


def seconds(which: str, texts: Sequence[str], work: Path) -> float:
    """What `which` takes for `texts`, in another process; `work` holds what it needs."""
    file = work / f"{which}.json"
    file.write_text(json.dumps(texts))
    env = {**os.environ, **worker_environment(), "HF_HUB_OFFLINE": "1"}
    if which == SENTENCE_TRANSFORMERS:
        env["PYTHONPATH"] = str(_installed(work))
    command = [sys.executable, "-m", __name__, which, str(file)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, env=env)
    return float(ran.stdout.splitlines()[-1])


def _installed(work: Path) -> Path:
    """sentence-transformers beside our own torch and transformers, which it is to run on."""
    target = work / f"sentence-transformers-{_VERSION}"
    if not target.exists():
        pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(target)]
        subprocess.run([*pip, f"sentence-transformers=={_VERSION}", *_NEEDS], check=True)
    return target


def _forward(texts: list[str]) -> float:
    """Nothing but the model, on batches that are tokens already and as a worker makes them."""
    import torch
    import transformers

    from codesearch.encoder.model import batches, padded_length

    folder = locate(EncoderSettings()).folder
    torch.set_num_threads(thread_count())
    kind = torch.bfloat16 if computes_bf16() else torch.float32
    model = transformers.AutoModel.from_pretrained(str(folder), dtype=kind).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(folder))
    most = describe(Settings().encoder).max_tokens
    groups = []
    for portion in _portions(texts):
        tokens = tokenizer(portion, truncation=True, max_length=most)["input_ids"]
        for rows in batches([len(ids) for ids in tokens], Settings().encoder.batch_tokens):
            width = min(padded_length(max(len(tokens[row]) for row in rows)), most)
            ids = torch.zeros((len(rows), width), dtype=torch.long)
            mask = torch.zeros_like(ids)
            for at, row in enumerate(rows):
                ids[at, : len(tokens[row])] = torch.tensor(tokens[row])
                mask[at, : len(tokens[row])] = 1
            groups.append((ids, mask))
    with torch.inference_mode():
        model(input_ids=groups[0][0], attention_mask=groups[0][1])
        began = time.perf_counter()
        for ids, mask in groups:
            model(input_ids=ids, attention_mask=mask)
        return time.perf_counter() - began


def _portions(texts: list[str]) -> list[list[str]]:
    """What a worker encodes at once: some of a group's texts, of like length."""
    from codesearch.indexing.encoding import BATCH_TEXTS, GROUP_TEXTS

    portions = []
    for start in range(0, len(texts), GROUP_TEXTS):
        group = sorted(texts[start : start + GROUP_TEXTS], key=lambda text: -len(text))
        portions += [group[at : at + BATCH_TEXTS] for at in range(0, len(group), BATCH_TEXTS)]
    return portions


def _sentence_transformers(texts: list[str]) -> float:
    from sentence_transformers import SentenceTransformer

    folder = locate(EncoderSettings()).folder
    model = SentenceTransformer(str(folder), device="cpu")
    model.encode(texts[:1])
    began = time.perf_counter()
    model.encode(texts)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
