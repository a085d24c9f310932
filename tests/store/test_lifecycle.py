"""Opening, rebuilding, damage, and disks that refuse."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from codesearch.errors import StoreDamagedError, StoreError
from codesearch.paths import cache_home, index_home
from codesearch.store import Counts, FileRecord, Index, Manifest
from tests.store.units import DIMENSION, FINGERPRINT, indexed, names, open_index, unit, vector_of


def fill(root: Path, count: int = 3, **kwargs) -> Index:
    index = open_index(root, writable=True, **kwargs)
    index.replace_files({f"{at}.py": [indexed(unit(f"{at}.py"))] for at in range(count)})
    return index


def table_files(root: Path, folder: str) -> list[Path]:
    return [
        file for file in (index_home(root) / "table.lance" / folder).rglob("*") if file.is_file()
    ]


def test_a_reader_is_told_that_there_is_no_index(tmp_path: Path):
    with pytest.raises(StoreError, match="not indexed yet") as caught:
        open_index(tmp_path)
    assert "codesearch warmup" in caught.value.remedy
    assert not index_home(tmp_path).exists()


def test_a_reader_is_told_that_the_encoder_is_another(tmp_path: Path):
    fill(tmp_path).close()
    with pytest.raises(StoreError, match="another encoder"):
        open_index(tmp_path, fingerprint="other")
    with pytest.raises(StoreError, match="another encoder"):
        Index.open(tmp_path, fingerprint=FINGERPRINT, dimension=DIMENSION + 1)


def test_an_index_outlives_its_process(tmp_path: Path):
    fill(tmp_path).close()
    assert open_index(tmp_path).counts() == Counts(3, 3)
    assert open_index(tmp_path, writable=True).counts() == Counts(3, 3)


def test_roots_do_not_share(tmp_path: Path):
    one, two = tmp_path / "one" / "x", tmp_path / "two" / "x"
    fill(one)
    assert fill(two, 1).counts() == Counts(1, 1)
    assert open_index(one).counts() == Counts(3, 3)


def test_another_fingerprint_rebuilds_table_and_manifest(tmp_path: Path):
    fill(tmp_path).close()
    manifest = Manifest.open(tmp_path)
    manifest.record([FileRecord("0.py", 1, 1, "h", "python", 1)])
    manifest.close()
    assert open_index(tmp_path, writable=True, fingerprint="other").counts() == Counts(0, 0)
    assert Manifest.open(tmp_path).files() == {}


def test_everything_is_private(tmp_path: Path):
    fill(tmp_path).close()
    for folder in (cache_home(), cache_home() / "indexes", index_home(tmp_path)):
        assert folder.stat().st_mode & 0o777 == 0o700
    meta = json.loads((index_home(tmp_path) / "meta.json").read_text())
    assert (meta["root"], meta["fingerprint"]) == (str(tmp_path), FINGERPRINT)
    assert list(tmp_path.iterdir()) == []  # nothing is written inside the workspace


def _no_meta(root: Path) -> None:
    (index_home(root) / "meta.json").unlink()


def _garbled_meta(root: Path) -> None:
    (index_home(root) / "meta.json").write_bytes(b'{"format": \xff')


def _strange_meta(root: Path) -> None:
    (index_home(root) / "meta.json").write_text("[1, 2]")


def _old_format(root: Path) -> None:
    file = index_home(root) / "meta.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"format": 0}))


def _no_table(root: Path) -> None:
    shutil.rmtree(index_home(root) / "table.lance")


def _table_is_a_file(root: Path) -> None:
    _no_table(root)
    (index_home(root) / "table.lance").write_text("surprise")


def _no_versions(root: Path) -> None:
    shutil.rmtree(index_home(root) / "table.lance" / "_versions")


def _no_data(root: Path) -> None:
    shutil.rmtree(index_home(root) / "table.lance" / "data")


def _no_indexes(root: Path) -> None:
    shutil.rmtree(index_home(root) / "table.lance" / "_indices")


def _short_data(root: Path) -> None:
    for file in table_files(root, "data"):
        os.truncate(file, file.stat().st_size // 2)


def _garbled_versions(root: Path) -> None:
    for file in table_files(root, "_versions"):
        file.write_bytes(b"\xff" * file.stat().st_size)


@pytest.mark.parametrize(
    "damage",
    [
        _no_meta,
        _garbled_meta,
        _strange_meta,
        _old_format,
        _no_table,
        _table_is_a_file,
        _no_versions,
        _no_data,
        _no_indexes,
        _short_data,
        _garbled_versions,
    ],
)
def test_a_damaged_index_is_rebuilt_by_its_writer(tmp_path: Path, damage, caplog):
    index = fill(tmp_path)
    index.maintain(force=True)
    index.close()
    damage(tmp_path)
    with closing(open_index(tmp_path, writable=True)) as index:
        assert index.counts() == Counts(0, 0)
        index.replace_files({"a.py": [indexed(unit())]})
        assert names(index.search_words(["f"], 5)) == ["f"]
    assert "rebuilding" in caplog.text
    assert open_index(tmp_path).counts() == Counts(1, 1)


@pytest.mark.parametrize("damage", [_garbled_meta, _strange_meta, _no_table, _no_versions])
def test_a_reader_is_told_of_damage(tmp_path: Path, damage):
    fill(tmp_path).close()
    damage(tmp_path)
    with pytest.raises(StoreDamagedError):
        open_index(tmp_path)


@pytest.mark.parametrize("damage", [_no_table, _no_versions, _no_data, _short_data])
def test_what_a_reader_found_damaged_does_not_stand(tmp_path: Path, damage):
    fill(tmp_path).close()
    assert Index.stands(tmp_path, fingerprint=FINGERPRINT, dimension=DIMENSION)
    damage(tmp_path)
    with pytest.raises(StoreDamagedError):
        open_index(tmp_path).search_vectors(vector_of("f"), 5)
    assert not Index.stands(tmp_path, fingerprint=FINGERPRINT, dimension=DIMENSION)
    fill(tmp_path).close()
    assert open_index(tmp_path).counts() == Counts(3, 3)


def test_an_index_without_its_table_does_not_stand(tmp_path: Path):
    fill(tmp_path).close()
    _no_table(tmp_path)
    assert not Index.stands(tmp_path, fingerprint=FINGERPRINT, dimension=DIMENSION)


def test_damage_under_an_open_writer_is_told_and_then_rebuilt(tmp_path: Path):
    index = fill(tmp_path)
    _no_data(tmp_path)
    with pytest.raises(StoreDamagedError):
        index.units_at("1.py")
    index.close()
    index = open_index(tmp_path, writable=True)
    assert index.counts() == Counts(0, 0)
    index.replace_files({"a.py": [indexed(unit())]})


def test_too_few_file_handles_are_not_taken_for_damage(tmp_path: Path):
    index = fill(tmp_path, 40)
    for at in range(40):  # a fragment, and so a file, each
        index.replace_files({f"{at}.py": [indexed(unit(f"{at}.py", "g"))]})
    index.close()
    reader = open_index(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # The least that is taken: what other threads close meanwhile is no room then.
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        with pytest.raises(StoreError) as caught:
            reader.search_vectors(vector_of("g"), 5)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert not isinstance(caught.value, StoreDamagedError)
    assert reader.counts() == Counts(40, 40)


def test_a_removed_folder_is_told_and_then_rebuilt(tmp_path: Path):
    index = fill(tmp_path)
    shutil.rmtree(index_home(tmp_path))
    with pytest.raises(StoreError):
        index.replace_files({"1.py": [indexed(unit("1.py", "g"))]})
    assert open_index(tmp_path, writable=True).counts() == Counts(0, 0)


def test_an_open_reader_survives_a_rebuild(tmp_path: Path):
    fill(tmp_path).close()
    reader = open_index(tmp_path)
    assert reader.counts() == Counts(3, 3)
    _no_meta(tmp_path)
    writer = fill(tmp_path, 5)
    assert reader.counts() == Counts(5, 5)
    assert len(reader.search_vectors(vector_of("f"), 9)) == 5
    assert len(reader.search_words(["f"], 9)) == 5
    writer.replace_files({"0.py": []})
    assert reader.paths() == ["1.py", "2.py", "3.py", "4.py"]


def test_an_open_reader_learns_that_the_encoder_changed(tmp_path: Path):
    fill(tmp_path).close()
    reader = open_index(tmp_path)
    fill(tmp_path, fingerprint="other")
    with pytest.raises(StoreError, match="another encoder"):
        reader.counts()


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CODESEARCH_CACHE_DIR", str(tmp_path / "file" / "cache"))
    for opened in (lambda: open_index(tmp_path, writable=True), lambda: Manifest.open(tmp_path)):
        with pytest.raises(StoreError, match="cannot create"):
            opened()


_FILL_THE_DISK = """
import resource, sys
from pathlib import Path
from codesearch.errors import StoreDamagedError, StoreError
from tests.store.units import indexed, open_index, unit

index = open_index(Path(sys.argv[1]), writable=True)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    index.replace_files({"0.py": [indexed(unit("0.py", f"g{at}", start=at)) for at in range(5000)]})
except StoreDamagedError:
    print("damaged")
except StoreError as error:
    print(error.remedy)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
print(index.counts(), [one.name for one in index.units_at("0.py")])
"""


def test_a_full_disk_loses_nothing_and_says_what_to_do(tmp_path: Path):
    fill(tmp_path).close()
    done = subprocess.run(
        [sys.executable, "-c", _FILL_THE_DISK, str(tmp_path)],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[0].startswith("Free some space"), done.stderr + done.stdout
    assert done.stdout.splitlines()[1] == "Counts(units=3, encoded=3) ['f']"
    index = open_index(tmp_path, writable=True)
    assert index.counts() == Counts(3, 3)
    index.replace_files({"0.py": [indexed(unit("0.py", "g"))]})
    assert names(index.find_names("g", 5)) == ["g"]


_LOCK_THE_FOLDER = """
import os, sys
from pathlib import Path
from codesearch.errors import StoreError
from codesearch.paths import index_home
from tests.store.units import indexed, open_index, unit

root = Path(sys.argv[1])
index = open_index(root, writable=True)
index.replace_files({"0.py": [indexed(unit("0.py"))]})
cache = Path(os.environ["CODESEARCH_CACHE_DIR"])
everything = [cache, *cache.rglob("*")]
if os.geteuid() == 0:  # root may write anywhere, so become nobody
    for path in everything:
        os.chown(path, 65534, 65534)
    os.seteuid(65534)
for path in everything:
    if path.is_dir():
        path.chmod(0o500)
try:
    index.replace_files({"0.py": []})
except StoreError as error:
    print(type(error).__name__, error.remedy)
print(index.counts())
for path in everything:
    if path.is_dir():
        path.chmod(0o700)
index.replace_files({"0.py": []})
print(index.counts())
"""


def test_a_read_only_folder_is_explained_and_loses_nothing(tmp_path: Path, monkeypatch):
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are closed to nobody
        Path(folder).chmod(0o711)
        cache = Path(folder) / "cache"
        monkeypatch.setenv("CODESEARCH_CACHE_DIR", str(cache))
        done = subprocess.run(
            [sys.executable, "-c", _LOCK_THE_FOLDER, str(tmp_path)],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
    told, kept, emptied = done.stdout.splitlines() or [done.stderr] * 3
    assert told.startswith("StoreError Make the folder writable"), done.stderr
    assert kept == "Counts(units=1, encoded=1)"
    assert emptied == "Counts(units=0, encoded=0)"
