"""What a command leaves behind: an index at rest."""

from __future__ import annotations

from pathlib import Path

import lancedb

from codesearch.indexing import refresh
from codesearch.paths import index_home
from codesearch.types import Phase
from tests.indexing.helpers import fake_settings, module, write


def test_a_command_leaves_no_words_to_be_read_one_by_one(root: Path) -> None:
    """Also where every vector is known already: two states of many files, in turn."""
    one = {f"{n}.py": module(f"one{n}", functions=10) for n in range(40)}
    other = {path: text.replace("one", "other") for path, text in one.items()}
    for files in (one, other, one):
        write(root, files)
        assert refresh(root, fake_settings()).phase is Phase.READY
        table = lancedb.connect(index_home(root)).open_table("table")
        statistics = table.index_stats("words_idx")
        assert statistics.num_indexed_rows + statistics.num_unindexed_rows == table.count_rows()
        assert statistics.num_unindexed_rows < 250
