"""The encoder that tests of other rooms use."""

from __future__ import annotations

from threading import Event

import numpy as np
import pytest

from codesearch.encoder import describe, load_encoder
from codesearch.errors import EncoderError, SearchCancelledError
from codesearch.settings import EncoderSettings

FAKE = EncoderSettings(name="fake")


def test_only_in_tests(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("CODESEARCH_TEST", raising=False)
    with pytest.raises(EncoderError):
        describe(FAKE)


def test_words_in_common_are_near(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CODESEARCH_TEST", "1")
    encoder = load_encoder(FAKE)
    assert encoder.info == describe(FAKE)
    query = encoder.encode_queries(["read file"])
    documents = encoder.encode_documents(["readFile(path)", "open socket", "", "?"])
    assert documents.shape == (4, encoder.info.dimension)
    assert documents.dtype == np.float32
    assert np.allclose(np.linalg.norm(documents, axis=1), 1)
    assert (documents @ query[0]).argmax() == 0
    assert np.array_equal(
        documents, encoder.encode_documents(["readFile(path)", "open socket", "", "?"])
    )
    assert encoder.encode_documents([]).shape == (0, encoder.info.dimension)


def test_stop(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CODESEARCH_TEST", "1")
    stop = Event()
    stop.set()
    with pytest.raises(SearchCancelledError):
        load_encoder(FAKE).encode_documents(["a"], stop)
