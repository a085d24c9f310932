"""Text to vectors: the packaged encoder, any other by name or path, and the embedding cache.

Importing this package, and `describe`, load neither torch nor transformers.
"""

from __future__ import annotations

import os

from codesearch.encoder import fake
from codesearch.encoder.files import describe_files
from codesearch.encoder.info import Encoder, EncoderInfo
from codesearch.encoder.machine import worker_environment
from codesearch.settings import EncoderSettings

__all__ = [
    "Encoder",
    "EncoderInfo",
    "describe",
    "load_encoder",
    "load_query_encoder",
    "worker_environment",
]


def describe(settings: EncoderSettings) -> EncoderInfo:
    """What `load_encoder` would load, in some milliseconds, from its files alone.

    A hub name that is not on this machine is downloaded if, and only if,
    `settings.allow_download` says so.

    Raises:
        EncoderError: files are missing or cannot be used; it names the remedy.
    """
    return fake.INFO if fake.chosen(settings) else describe_files(settings).info


def load_encoder(settings: EncoderSettings) -> Encoder:
    """The encoder that `settings` name, ready to encode. Takes seconds.

    Raises:
        EncoderError: as `describe`; or the weights do not fit the model, or need code
            that the user has not allowed.
    """
    if fake.chosen(settings):
        return fake.FakeEncoder()
    description = describe_files(settings)
    # Hugging Face's libraries read these when they are imported, which is not before here.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    if not settings.allow_download:
        os.environ["HF_HUB_OFFLINE"] = os.environ["TRANSFORMERS_OFFLINE"] = "1"
    from codesearch.encoder.load import load

    return load(description, settings)


def load_query_encoder(settings: EncoderSettings) -> Encoder:
    """An encoder for a few texts at a time, with the vectors of `load_encoder`'s.

    BERT-shaped encoders, the packaged one among them, load in a quarter of a second without
    torch; others as by `load_encoder`.

    Raises:
        EncoderError: as `load_encoder`.
    """
    if fake.chosen(settings):
        return fake.FakeEncoder()
    from codesearch.encoder.light import is_light, load_light

    description = describe_files(settings)
    return load_light(description) if is_light(description) else load_encoder(settings)
