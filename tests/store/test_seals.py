"""What LanceDB would not notice: bytes that changed after they were written."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from codesearch.errors import StoreDamagedError
from codesearch.paths import index_home
from codesearch.store import layout, seals
from codesearch.store.values import Counts
from tests.store.units import indexed, open_index, unit, vector_of


def fill(root: Path, writes: int = 12) -> Path:
    """An index with old versions, deletions and joined fragments; returns its folder."""
    with closing(open_index(root, writable=True)) as index:
        for n in range(writes):
            path = f"{n % 5}.py"
            index.replace_files({path: [indexed(unit(path), vector_of(str(n)))]})
        index.maintain(force=True)
        index.replace_files({"0.py": ()})
    return index_home(root)


def test_what_was_written_is_as_it_was_sealed(tmp_path: Path) -> None:
    seals.check(fill(tmp_path))
    with closing(open_index(tmp_path, writable=True)) as index:
        assert index.counts().units == 4


def test_one_bit_in_any_file_is_noticed_by_the_next_writer(tmp_path: Path) -> None:
    home = fill(tmp_path)
    names = list(json.loads((home / layout.SEALS_FILE).read_text()))
    assert {Path(name).parts[1] for name in names} >= {"data", "_indices", "_versions"}
    for name in names:
        whole = (home / name).read_bytes()
        rotten = bytearray(whole)
        rotten[len(rotten) // 2] ^= 1
        (home / name).write_bytes(rotten)
        with pytest.raises(StoreDamagedError, match="not what was written"):
            seals.check(home)
        (home / name).write_bytes(whole)
    (home / names[0]).write_bytes(b"")
    with closing(open_index(tmp_path, writable=True)) as index:
        assert index.counts() == Counts(0, 0)


@pytest.mark.parametrize("text", ["", "[]", "\0\0\0"])
def test_seals_that_cannot_be_read_are_damage(tmp_path: Path, text: str) -> None:
    (fill(tmp_path) / layout.SEALS_FILE).write_text(text)
    with closing(open_index(tmp_path, writable=True)) as index:
        assert index.counts() == Counts(0, 0)


def test_an_index_without_seals_is_kept_and_sealed(tmp_path: Path) -> None:
    home = fill(tmp_path)
    (home / layout.SEALS_FILE).unlink()
    with closing(open_index(tmp_path, writable=True)) as index:
        assert index.counts().units == 4
    assert (home / layout.SEALS_FILE).stat().st_mode & 0o077 == 0
    seals.check(home)


def test_a_living_writer_notices_that_a_reader_met_damage(tmp_path: Path) -> None:
    home = fill(tmp_path)
    with closing(open_index(tmp_path, writable=True)) as index:
        layout.mark_damaged(home)
        with pytest.raises(StoreDamagedError):
            index.counts()
        with pytest.raises(StoreDamagedError):
            index.replace_files({"new.py": [indexed(unit("new.py"))]})
    with closing(open_index(tmp_path, writable=True)) as index:
        assert index.counts() == Counts(0, 0)
