"""Much work is foreseen by the bytes of source, and told until it is done."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from codesearch.encoder import describe
from codesearch.indexing import forecast, read_status, refresh
from codesearch.indexing.books import Books
from codesearch.indexing.forecast import cost_of, look_ahead, warning
from codesearch.indexing.reading import FileReader
from codesearch.indexing.scan import scan
from codesearch.settings import EncoderSettings, Settings
from codesearch.store import IndexedUnit
from codesearch.types import Ahead, IndexStatus, Phase

from .helpers import age, fake_settings, module, supervised, until, until_complete, write

LOW = fake_settings(warn_mb=0.01, nice=0)


def many(root: Path, folder: str = "src") -> None:
    """150 modules, 30 kB together, of which none was written just now."""
    write(root, {f"{folder}/m{n}.py": module(f"m{n}") for n in range(150)})
    for path in root.rglob("*.py"):
        age(path)


def sizes(root: Path) -> dict[str, int]:
    files = [path for path in root.rglob("*") if path.is_file()]
    return {path.relative_to(root).as_posix(): path.stat().st_size for path in files}


def test_source_counts_from_the_threshold_on(root: Path) -> None:
    many(root)
    found = sizes(root)
    assert look_ahead(root, LOW, found) == Ahead(150, sum(found.values()))
    assert look_ahead(root, fake_settings(), found) is None
    assert look_ahead(root, fake_settings(warn_mb=0), found) is None
    assert look_ahead(root, LOW, {}) is None


def test_what_has_no_text_does_not_count(root: Path) -> None:
    write(root, {f"m{n}.py": module(f"m{n}") for n in range(4)})
    code = sum(sizes(root).values())
    for n in range(4):
        (root / f"picture{n}").write_bytes(b"\0" * 50_000)
    write(root, {"huge.py": "x = 1\n" * 10_000, "yarn.lock": "a\n" * 10_000})
    settings = fake_settings(warn_mb=code / 1e6, max_file_bytes=50_001)
    assert look_ahead(root, settings, sizes(root)) == Ahead(4, code)
    assert look_ahead(root, LOW, {"gone.py": 20_000}) is None


def test_a_sample_of_many_files_is_enough(root: Path) -> None:
    for n in range(2_000):
        (root / f"{n}").write_bytes((b"\0" if n % 2 else b"x") * 100)
    told = look_ahead(root, fake_settings(warn_mb=0.05), sizes(root))
    assert told is not None
    assert 800 < told.files < 1_200


def test_words_for_it() -> None:
    settings = Settings(encoder=EncoderSettings(threads=1))
    assert cost_of(Ahead(81_234, 1_200_000_000), settings) == (
        "about 81,234 files with 1.2 GB of source, which take about 14.8 hours of one processor "
        "and 4.4 GB of disk"
    )
    assert "19 minutes of one" in cost_of(Ahead(2_000, 25_000_000), settings)
    assert "1 MB of source, which take about a minute" in cost_of(Ahead(3, 20_000), settings)
    told = warning("linux", Ahead(81_234, 1_200_000_000), settings)
    assert told.startswith("linux is large.")
    assert '["/*", "!/src/"]' in told


def test_it_is_in_the_status_until_all_is_done(root: Path) -> None:
    many(root)
    told: list[IndexStatus] = []
    with supervised(root, LOW, told.append) as supervisor:
        status = until(supervisor, lambda s: s.ahead is not None)
        assert status.ahead == Ahead(150, sum(sizes(root).values()))
        forecast.note_told(root)
        until_complete(supervisor)
    assert all(one.ahead is None for one in told if one.phase is Phase.READY)
    assert read_status(root).ahead is None
    assert not forecast.was_told(root)


def test_what_was_read_and_not_embedded_is_foreseen(root: Path) -> None:
    many(root)
    reader = FileReader(root, LOW.indexing)
    with closing(Books(root, describe(LOW.encoder), LOW.encoder)) as books:
        found = scan(root, LOW.indexing).files
        files = {path: reader.read(path, stat, None) for path, stat in found.items()}
        units = {p: [IndexedUnit(u, (None,)) for u in f.units or ()] for p, f in files.items()}
        books.write([file.record for file in files.values()], units)
        books.note_reader(reader.version)
    with supervised(root, LOW) as supervisor:
        status = until(supervisor, lambda s: s.ahead is not None)
        assert status.ahead == Ahead(150, sum(sizes(root).values()))
        until_complete(supervisor)


def test_a_small_change_is_not(root: Path) -> None:
    many(root)
    refresh(root, LOW)
    told: list[IndexStatus] = []
    with supervised(root, LOW, told.append) as supervisor:
        write(root, {"src/new.py": module("new")})
        for path in root.rglob("m1*.py"):
            os.utime(path)
        supervisor.look()
        until(supervisor, lambda s: s.complete and s.units == 453)
        supervisor.reindex()  # every file is read, and no text encoded
        until(supervisor, lambda s: not s.complete)
        until_complete(supervisor)
    assert all(status.ahead is None for status in told)


def test_one_folder_alone_is_not_foreseen_with_the_rest(root: Path) -> None:
    many(root)
    write(root, {"docs/guide.md": "# Guide\n", "app/main.py": module("main")})
    only = replace(LOW, indexing=replace(LOW.indexing, ignore=("/*", "!/app/")))
    status = refresh(root, only)
    assert (status.files, status.ahead) == (1, None)
