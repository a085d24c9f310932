"""Many files read at once: the same as one by one, in order, whatever becomes of a helper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from codesearch.indexing.crowd import Crowd, Portion, in_order, portions
from codesearch.indexing.reading import FileReader
from codesearch.indexing.scan import FileStat, scan
from codesearch.settings import IndexingSettings

from .helpers import age, module, write

SETTINGS = IndexingSettings()


@pytest.fixture
def files(tmp_path: Path) -> dict[str, FileStat]:
    write(tmp_path, {f"m{n:03}.py": module(f"mod{n}", 60) for n in range(60)})
    write(tmp_path, {"empty.py": "", "notes.md": "# Notes\n\nof a kind\n"})
    for file in tmp_path.iterdir():  # read twice: the time of a new one is not trusted yet
        age(file)
    return scan(tmp_path, SETTINGS).files


@pytest.fixture
def crowd(tmp_path: Path) -> Iterator[Crowd]:
    crowd = Crowd(tmp_path, SETTINGS)
    yield crowd
    crowd.close()


def helpers_now() -> list[psutil.Process]:
    children = psutil.Process().children()
    return [child for child in children if "codesearch.helper" in child.cmdline()]


def rows(read: list[Portion]) -> list[dict[str, object]]:
    return [row for portion in read for row in portion.prepared.data.to_pylist()]


def test_it_reads_as_one_reader_does(
    tmp_path: Path, files: dict[str, FileStat], crowd: Crowd
) -> None:
    read = list(crowd.read(files))
    reader = FileReader(tmp_path, SETTINGS)
    alone = [reader.read(path, stat, None) for path, stat in files.items()]
    assert [r for portion in read for r in portion.records] == [one.record for one in alone]
    assert len(rows(read)) == sum(len(one.units or ()) for one in alone)
    assert {path for portion in read for path in portion.with_units} == files.keys() - {"empty.py"}


def test_what_began_early_is_read_once(files: dict[str, FileStat], crowd: Crowd) -> None:
    crowd.begin(files)
    assert [r.path for portion in crowd.read(files) for r in portion.records] == list(files)
    assert not crowd.unread


def test_other_files_than_it_began_with(files: dict[str, FileStat], crowd: Crowd) -> None:
    crowd.begin(files)
    fewer = {path: files[path] for path in list(files)[:7]}
    assert [r.path for portion in crowd.read(fewer) for r in portion.records] == list(fewer)


def test_portions_whose_helper_dies_are_left(files: dict[str, FileStat], crowd: Crowd) -> None:
    reading = crowd.read(files)
    read = [next(reading)]
    for helper in helpers_now():
        helper.kill()
    read += reading
    done = {record.path for portion in read for record in portion.records}
    assert done | crowd.unread.keys() == files.keys()
    assert not done & crowd.unread.keys()


def test_no_process_is_left(files: dict[str, FileStat], crowd: Crowd) -> None:
    next(crowd.read(files))
    crowd.close()
    assert not helpers_now()


def test_the_first_portion_is_small() -> None:
    files = {f"m{n}": FileStat(60_000, 0) for n in range(40)}
    cut = list(portions(files))
    assert len(cut[0]) == 2
    assert max(map(len, cut)) == 14
    assert [path for portion in cut for path in portion] == list(files)


def test_a_portion_of_tiny_files_is_no_larger() -> None:
    files = {f"m{n}": FileStat(3, 0) for n in range(5_000)}
    assert [len(portion) for portion in portions(files)] == [250, 2_000, 2_000, 750]


def test_open_and_recent_files_come_first() -> None:
    files = {name: FileStat(1, time) for name, time in (("a", 1), ("b", 3), ("c", 2))}
    assert list(in_order(files, ["gone", "a"])) == ["a", "b", "c"]
    assert list(in_order(files, [])) == ["b", "c", "a"]


def test_files_to_be_passed_over_are_left(tmp_path: Path, files: dict[str, FileStat]) -> None:
    crowd = Crowd(tmp_path, SETTINGS, passed_over=("m007.py", "gone.py"))
    read = {record.path for portion in crowd.read(files) for record in portion.records}
    crowd.close()
    assert crowd.unread.keys() == {"m007.py"}
    assert read == files.keys() - {"m007.py"}
