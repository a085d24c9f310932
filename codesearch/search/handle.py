"""The encoder of a process: loaded once, in the background, and shared by all its roots."""

from __future__ import annotations

import functools
import logging
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from threading import Event
from typing import TYPE_CHECKING

from codesearch.errors import CodesearchError, EncoderError
from codesearch.search.cancel import check
from codesearch.settings import EncoderSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from codesearch.encoder import Encoder, EncoderInfo

_log = logging.getLogger(__name__)

# Editors ask again on every key; a few hundred queries are about a megabyte of vectors.
_CACHED_QUERIES = 512
# How soon a caller that waits for the encoder notices that its own question was withdrawn.
_POLL_SECONDS = 0.05


class EncoderHandle:
    """Gives the encoder when there is one, and never keeps a search waiting for it unasked.

    Loading takes seconds, so it begins with the first `get` (or `start`) on a thread of its
    own. Thread-safe.
    """

    def __init__(self, settings: EncoderSettings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._loading: Future[Encoder] | None = None
        self._query_vector = functools.lru_cache(maxsize=_CACHED_QUERIES)(self._encode_query)

    @functools.cached_property
    def info(self) -> EncoderInfo:
        """Name, fingerprint and dimension, read from small files. EncoderError when missing."""
        from codesearch.encoder import describe

        return describe(self.settings)

    @property
    def error(self) -> CodesearchError | None:
        """Why the encoder could not be loaded, once that is known."""
        loading = self._loading
        if loading is None or not loading.done():
            return None
        error = loading.exception()
        return error if isinstance(error, CodesearchError) else None

    def start(self) -> None:
        """Begin to load, if that has not begun."""
        self._begin()

    def get(self, wait: bool = False, stop: Event | None = None) -> Encoder | None:
        """The encoder, or None while it is not there.

        With `wait`, returns only when it is loaded: EncoderError if it cannot be, and
        SearchCancelledError once `stop` is set. Without, an encoder that failed is None.
        """
        loading = self._begin()
        if not wait:
            usable = loading.done() and loading.exception() is None
            return loading.result() if usable else None
        while True:
            try:
                return loading.result(timeout=_POLL_SECONDS)
            except FutureTimeoutError:
                check(stop)

    def query_vector(self, text: str) -> NDArray[np.float32]:
        """The vector (dimension,) of a query. The encoder must be there: see `get`."""
        return self._query_vector(text)

    def document_vectors(
        self, texts: Sequence[str], stop: Event | None = None
    ) -> NDArray[np.float32]:
        """Vectors (n, dimension) of texts as they would stand in the index."""
        check(stop)
        return self._loaded().encode_documents(texts, stop)

    def _encode_query(self, text: str) -> NDArray[np.float32]:
        from codesearch.encoder.text import query_text

        vector: NDArray[np.float32] = self._loaded().encode_queries([query_text(text)])[0]
        vector.flags.writeable = False  # shared by everyone who asks the same
        return vector

    def _loaded(self) -> Encoder:
        encoder = self.get()
        if encoder is None:
            raise EncoderError("The encoder is not loaded yet.", "Ask again in a few seconds.")
        return encoder

    def _begin(self) -> Future[Encoder]:
        with self._lock:
            if self._loading is None:
                self._loading = Future()
                # Not a daemon: a process that ends while native code loads would abort.
                threading.Thread(
                    target=self._load, args=(self._loading,), name="encoder-load"
                ).start()
            return self._loading

    def _load(self, loading: Future[Encoder]) -> None:
        from codesearch.encoder import load_query_encoder

        try:
            loading.set_result(load_query_encoder(self.settings))
        except CodesearchError as error:
            _log.warning("encoder not loaded: %s", error)
            loading.set_exception(error)
        except Exception as error:
            _log.exception("encoder not loaded")
            failure = EncoderError(f"The encoder could not be loaded: {error}", "See the log.")
            loading.set_exception(failure)
