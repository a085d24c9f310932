"""A deterministic encoder for tests of other rooms: a hashed bag of split words.

Texts that share words have similar vectors, nothing is loaded, and no count is kept.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from threading import Event
from typing import TYPE_CHECKING

from codesearch.encoder.info import EncoderInfo
from codesearch.encoder.text import TEXT_VERSION
from codesearch.errors import SearchCancelledError
from codesearch.settings import EncoderSettings
from codesearch.words import split_words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "fake"
DIMENSION = 64
INFO = EncoderInfo(
    name=NAME,
    fingerprint=f"fake-{DIMENSION}-{TEXT_VERSION}",
    dimension=DIMENSION,
    max_tokens=256,
    folder=None,
)


def chosen(settings: EncoderSettings) -> bool:
    """Whether `settings` ask for this encoder, in a process that runs for a test."""
    return settings.name == NAME and os.environ.get("CODESEARCH_TEST") == "1"


class FakeEncoder:
    """See `codesearch.encoder.info.Encoder`."""

    info = INFO

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np  # not before something is encoded: everyone imports this module

        return np.stack([_vector(text) for text in texts]) if texts else _nothing()

    def encode_documents(
        self, texts: Sequence[str], stop: Event | None = None
    ) -> NDArray[np.float32]:
        if stop is not None and stop.is_set():
            raise SearchCancelledError("encoding was stopped")
        return self.encode_queries(texts)


def _nothing() -> NDArray[np.float32]:
    import numpy as np

    return np.zeros((0, DIMENSION), dtype=np.float32)


def _vector(text: str) -> NDArray[np.float32]:
    import numpy as np

    vector = np.zeros(DIMENSION, dtype=np.float32)
    for word in split_words(text):
        code = zlib.crc32(word.encode())
        vector[code % DIMENSION] += 1.0 if code & 0x10000 else -1.0
    norm = float(np.linalg.norm(vector))
    if norm == 0.0:
        vector[0] = norm = 1.0
    return vector / np.float32(norm)
