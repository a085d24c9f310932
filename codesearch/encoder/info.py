"""What an encoder is to the rest of the program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class EncoderInfo:
    """What can be known of an encoder without loading it."""

    name: str  # for people: "all-MiniLM-L6-v2", a hub name, or a folder
    fingerprint: str  # two encoders share it only if they make the same vectors of a unit
    dimension: int  # of the vectors that come out, truncation included
    max_tokens: int  # room for one document text: without special tokens and prefix
    folder: Path | None  # where its files lie; None for an encoder without files


class Encoder(Protocol):
    """Turns texts into unit-norm vectors. Safe to use from several threads."""

    @property
    def info(self) -> EncoderInfo: ...

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of questions, (n, dimension), in the order of `texts`."""

    def encode_documents(
        self, texts: Sequence[str], stop: Event | None = None
    ) -> NDArray[np.float32]:
        """Vectors of document texts, (n, dimension), in the order of `texts`.

        Raises:
            SearchCancelledError: `stop` was set; it is looked at between batches.
        """
