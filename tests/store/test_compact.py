"""Vectors in a byte a number."""

from __future__ import annotations

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from codesearch.store.compact import CompactVectors


def test_products_wait_for_no_other_thread(monkeypatch: pytest.MonkeyPatch):
    threads: list[int] = []
    product = np.dot

    def watched(*given: object, **named: object) -> object:
        threads.extend(one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas")
        return product(*given, **named)

    monkeypatch.setattr(np, "dot", watched)
    CompactVectors.of(np.eye(4, dtype=np.float32)).cosines(np.ones(4, np.float32))

    assert set(threads) <= {1}  # none where numpy multiplies by something else
