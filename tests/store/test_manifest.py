from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from codesearch.errors import StoreDamagedError
from codesearch.paths import index_home
from codesearch.store import FileRecord, Manifest
from codesearch.types import SkipReason


def record(path: str, **changes) -> FileRecord:
    values = {"size": 1, "mtime_ns": 2**62, "content_hash": "c", "language": "go", "units": 3}
    return FileRecord(path, **(values | changes))


@pytest.fixture
def manifest(tmp_path: Path):
    manifest = Manifest.open(tmp_path)
    yield manifest
    manifest.close()


def test_records_come_back(manifest: Manifest):
    odd = ["it's\n.py", "latin-\udce9.py", "\ud800.py", "😀.py", "%_.py"]
    records = [record(path) for path in odd]
    records += [record("b.bin", units=0, skipped=SkipReason.BINARY), record("c.py", problems=2)]
    manifest.record(records)
    assert manifest.files() == {one.path: one for one in records}


def test_records_are_replaced_and_forgotten(manifest: Manifest):
    manifest.record([record("a.py"), record("b.py")])
    manifest.record([record("a.py", size=9)])
    manifest.forget(["b.py", "unknown.py"])
    assert manifest.files() == {"a.py": record("a.py", size=9)}


def test_records_are_written_all_or_none(manifest: Manifest):
    def failing():
        yield record("a.py")
        raise InterruptedError

    with pytest.raises(InterruptedError):
        manifest.record(failing())
    assert manifest.files() == {}


def test_counters_and_texts_outlive_the_connection(manifest: Manifest, tmp_path: Path):
    manifest.add(texts_encoded=5)
    manifest.add(texts_encoded=2, cache_hits=1)
    manifest.set_meta(head="abc")
    manifest.set_meta(head="def")
    again = Manifest.open(tmp_path)
    assert again.counters() == {"texts_encoded": 7, "cache_hits": 1}
    assert again.meta() == {"head": "def"}
    again.close()


def test_several_threads_write(manifest: Manifest):
    def work(name: str) -> None:
        for at in range(20):
            manifest.record([record(f"{name}{at}")])
            manifest.add(texts_encoded=1)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(manifest.files()) == manifest.counters()["texts_encoded"] == 60


@pytest.mark.parametrize("damage", [b"not a database at all" * 500, b"", b"\0" * 8192])
def test_a_damaged_manifest_is_made_anew(tmp_path: Path, damage: bytes):
    manifest = Manifest.open(tmp_path)
    manifest.record([record("a.py")])
    manifest.close()
    file = index_home(tmp_path) / "manifest.db"
    file.write_bytes(damage)
    manifest = Manifest.open(tmp_path)
    assert manifest.files() == {}
    manifest.record([record("b.py")])
    assert list(manifest.files()) == ["b.py"]
    manifest.close()


def test_damaged_pages_are_noticed(tmp_path: Path):
    manifest = Manifest.open(tmp_path)
    manifest.record([record(f"{at}.py") for at in range(2000)])
    manifest.close()
    file = index_home(tmp_path) / "manifest.db"
    pages = bytearray(file.read_bytes())
    pages[8192:-4096] = b"\xff" * (len(pages) - 8192 - 4096)
    file.write_bytes(pages)
    manifest = Manifest.open(tmp_path)
    assert manifest.files() == {}
    manifest.close()


def test_damage_under_an_open_manifest_is_told(tmp_path: Path):
    manifest = Manifest.open(tmp_path)
    # more than SQLite keeps in memory
    manifest.record([record(f"{at}.py", content_hash="h" * 500) for at in range(10_000)])
    manifest.close()
    manifest = Manifest.open(tmp_path)
    file = index_home(tmp_path) / "manifest.db"
    file.write_bytes(file.read_bytes()[:4096] + b"\xff" * (file.stat().st_size - 4096))
    with pytest.raises(StoreDamagedError):
        manifest.files()
    manifest.close()
    assert Manifest.open(tmp_path).files() == {}


def test_another_format_is_made_anew(tmp_path: Path):
    manifest = Manifest.open(tmp_path)
    manifest.record([record("a.py")])
    manifest.close()
    with sqlite3.connect(index_home(tmp_path) / "manifest.db") as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()
    manifest = Manifest.open(tmp_path)
    assert manifest.files() == {}
    manifest.close()


def test_only_its_owner_can_read_it(manifest: Manifest, tmp_path: Path):
    home = index_home(tmp_path)
    assert home.stat().st_mode & 0o777 == 0o700
    assert (home / "manifest.db").stat().st_mode & 0o777 == 0o600
