"""A cache that a newer version left, and an upgrade that ended half way."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from codesearch.encoder.cache import EmbeddingCache
from codesearch.indexing.protocol import read_status_file
from codesearch.paths import embedding_cache_file, index_home
from codesearch.settings import Settings
from tests.indexing.bench import Bench
from tests.indexing.helpers import contents, fake_settings, module, write
from tests.torture.scale import SEED

_SETTINGS = fake_settings()


def _newer_meta(home: Path) -> None:
    values = json.loads((home / "meta.json").read_text())
    (home / "meta.json").write_text(json.dumps({**values, "format": 999, "shards": [1, 2]}))


def _newer_manifest(home: Path) -> None:
    with sqlite3.connect(home / "manifest.db") as database:
        database.execute("PRAGMA user_version=999")
        database.execute("ALTER TABLE files RENAME TO records")
    database.close()


def _newer_status(home: Path) -> None:
    (home / "status.json").write_text('{"format": 9, "phase": "dreaming", "files": "many"}')


def _newer_seals(home: Path) -> None:
    (home / "seals.json").write_text('{"format": 9, "sealed": []}')


def _half_a_table(home: Path) -> None:
    """Older, and in the middle of being replaced."""
    values = json.loads((home / "meta.json").read_text())
    (home / "meta.json").write_text(json.dumps({**values, "format": 0}))
    files = sorted(file for file in home.glob("table.lance/**/*") if file.is_file())
    for file in random.Random(SEED).sample(files, len(files) // 2):
        file.unlink()


def _no_meta_and_half_a_table(home: Path) -> None:
    _half_a_table(home)
    (home / "meta.json").unlink()


def _table_of_other_columns(home: Path) -> None:
    """What `meta.json` promises is not there."""
    shutil.rmtree(home / "table.lance" / "data")
    (home / "manifest.db").unlink()


@pytest.mark.parametrize(
    "change",
    [
        _newer_meta, _newer_manifest, _newer_status, _newer_seals, _half_a_table,
        _no_meta_and_half_a_table, _table_of_other_columns,
    ],
)  # fmt: skip
def test_another_versions_index(
    change: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODESEARCH_TEST", "1")
    root = tmp_path / "root"
    write(root, {f"m{n}.py": module(f"m{n}") for n in range(3)})
    assert _indexed(root, _SETTINGS)
    before = contents(root, _SETTINGS)
    puts = EmbeddingCache().puts
    change(index_home(root))
    read_status_file(root)
    assert _indexed(root, _SETTINGS)
    assert contents(root, _SETTINGS) == before
    assert EmbeddingCache().puts == puts  # nothing was encoded again


def test_another_versions_embedding_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODESEARCH_TEST", "1")
    root = tmp_path / "root"
    write(root, {"m.py": module("m")})
    embedding_cache_file().parent.mkdir(parents=True)
    with sqlite3.connect(embedding_cache_file()) as database:
        database.execute("CREATE TABLE vectors (name TEXT, vector BLOB, model TEXT)")
    database.close()
    assert _indexed(root, _SETTINGS)
    assert len(contents(root, _SETTINGS)) == 3


def _indexed(root: Path, settings: Settings) -> bool:
    bench = Bench(root, settings)
    try:
        return bench.scan().complete
    finally:
        bench.close()
