"""What a GPU or Apple's MPS makes of indexing: `python -m benchmarks.speed.devices [ROOT]`.

Every device that torch finds encodes the same texts, as a worker does. The ratio is to the
processor of the same machine, with all its threads. Where there is no other device, that is said.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

from benchmarks.speed.beside import texts_of
from codesearch.encoder import load_encoder
from codesearch.settings import EncoderSettings

_WARM_TEXTS = 64  # before the clock runs: kernels are chosen, memory is taken


def main() -> None:
    """Print a line a device."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path, nargs="?", default=Path(__file__).parents[2])
    parser.add_argument("--texts", type=int, default=1_000)
    given = parser.parse_args()
    texts = texts_of(given.root.resolve())
    some = random.Random(5).sample(texts, min(given.texts, len(texts)))
    print("| device | texts a second | of the processor's |\n|---|---|---|")
    found = devices()
    own = 0.0
    for name in found:
        value = rate(name, some)
        own = own or value
        print(f"| {name} | {value:.1f} | {value / own:.2f} |", flush=True)
    if len(found) == 1:
        print("torch finds no other device here.")


def devices() -> list[str]:
    """The processor, and what else torch can compute on."""
    import torch

    cuda = [f"cuda:{number}" for number in range(torch.cuda.device_count())]
    return ["cpu", *cuda, *(["mps"] if torch.backends.mps.is_available() else [])]


def rate(device: str, texts: list[str]) -> float:
    """Texts that the packaged encoder encodes on `device` in a second."""
    encoder = load_encoder(EncoderSettings(device=device))
    encoder.encode_documents(texts[:_WARM_TEXTS])
    began = time.perf_counter()
    encoder.encode_documents(texts)
    return len(texts) / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
