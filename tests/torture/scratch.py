"""What an index holds that is made from nothing, in this process."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from codesearch.settings import Settings
from tests.indexing.bench import Bench
from tests.indexing.helpers import Contents, contents


def from_scratch(root: Path, settings: Settings) -> Contents:
    """All units and vectors of `root`, with nothing known before."""
    with (
        tempfile.TemporaryDirectory(prefix="scratch-") as folder,
        pytest.MonkeyPatch.context() as p,
    ):
        p.setenv("CODESEARCH_CACHE_DIR", folder)
        bench = Bench(root, settings)
        try:
            bench.scan()
        finally:
            bench.close()
        return contents(root, settings)
