"""Vectors in a byte a number."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from codesearch.store.compact import CompactVectors, _second


def test_products_wait_for_no_other_thread(monkeypatch: pytest.MonkeyPatch):
    threads: list[int] = []
    product = np.dot

    def watched(*given: object, **named: object) -> object:
        threads.extend(one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas")
        return product(*given, **named)

    monkeypatch.setattr(np, "dot", watched)
    CompactVectors.of(np.eye(4, dtype=np.float32)).cosines(np.ones(4, np.float32))

    assert set(threads) <= {1}  # none where numpy multiplies by something else


def test_a_second_thread_helps_and_is_not_waited_for():
    vectors = np.random.default_rng(3).normal(size=(30_000, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1)[:, None]
    vectors[5] = 0
    compact = CompactVectors.of(vectors)
    expected = compact.numbers.astype(np.float32) @ vectors[1] * compact.scales
    expected[5] = -np.inf

    assert np.allclose(compact.cosines(vectors[1]), expected, atol=1e-5)

    go = threading.Event()
    busy = _second().submit(go.wait, 60)
    try:
        assert np.allclose(compact.cosines(vectors[1]), expected, atol=1e-5)
        assert not busy.done()
    finally:
        go.set()
