"""Several processes and threads at one index, and processes that are killed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from codesearch.paths import index_home
from codesearch.store import Counts
from codesearch.store import index as index_module
from tests.store.child import FILES, UNITS, pair_of, round_of
from tests.store.units import indexed, open_index, unit, vector_of


@contextmanager
def child(mode: str, root: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.store.child", mode, str(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def ask(process: subprocess.Popen[str], word: str) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(word + "\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


def test_a_reader_follows_its_writer_at_once_and_survives_everything(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(index_module, "KEEP_VERSIONS", timedelta(milliseconds=1))
    writer = open_index(tmp_path, writable=True)
    with child("read", tmp_path) as reader:
        assert ask(reader, "one") == "0 0"
        writer.replace_files({"a.py": [indexed(unit(name="one"))]})
        assert ask(reader, "one") == "1 1 one"
        writer.replace_files({"a.py": [indexed(unit(name="two")), indexed(unit(start=50))]})
        assert (ask(reader, "one"), ask(reader, "two")) == ("2 2", "2 2 two")
        for at in range(5):  # all older versions go, and their files with them
            writer.replace_files({"b.py": [indexed(unit("b.py", f"round{at}"))]})
            writer.maintain(force=True)
            assert ask(reader, str(at)) == f"3 3 round{at}"
        shutil.rmtree(index_home(tmp_path) / "table.lance" / "data")
        writer = open_index(tmp_path, writable=True)
        assert ask(reader, "two") == "0 0"
        writer.replace_files({"a.py": [indexed(unit(name="again"))]})
        assert ask(reader, "again") == "1 1 again"


@pytest.mark.timeout(120)
def test_a_killed_writer_leaves_every_file_whole(tmp_path: Path):
    index = open_index(tmp_path, writable=True)
    index.replace_files({f"{at}.py": round_of(f"{at}.py", 0) for at in range(FILES)})
    index.close()
    for delay in (0.02, 0.15, 0.4, 0.07):
        with child("write", tmp_path):
            time.sleep(delay)
        index = open_index(tmp_path, writable=True)
        assert index.counts() == Counts(FILES * UNITS, FILES * UNITS)
        for at in range(0, FILES, 2):
            units = [one for path in pair_of(at) for one in index.units_at(path)]
            assert len({one.id for one in units}) == len(units) == 2 * UNITS
            assert len({one.name for one in units}) == 1  # both files of a pair, or neither
        ids = [one.id for path in index.paths() for one in index.units_at(path)]
        assert {len(vectors) for vectors in index.vectors_of(ids).values()} == {2}
        index.replace_files({"0.py": round_of("0.py", 7), "1.py": round_of("1.py", 7)})
        index.maintain(force=True)
        index.close()


def test_a_writer_that_takes_over_sees_what_the_last_one_wrote(tmp_path: Path):
    old, new = open_index(tmp_path, writable=True), open_index(tmp_path, writable=True)
    for number in range(6):  # a stale handle would insert the same ids a second time
        for writer in (old, new):
            writer.replace_files({path: round_of(path, number) for path in pair_of(0)})
            assert old.counts() == new.counts() == Counts(2 * UNITS, 2 * UNITS)
        (old, new)[number % 2].maintain(force=True)


def test_threads_read_while_one_writes(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(index_module, "KEEP_VERSIONS", timedelta(milliseconds=1))
    index = open_index(tmp_path, writable=True)
    index.replace_files({f"{at}.py": round_of(f"{at}.py", 0) for at in range(FILES)})
    reader = open_index(tmp_path)
    failures: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                assert reader.counts() == Counts(FILES * UNITS, FILES * UNITS)
                assert len(reader.search_vectors(vector_of("x"), 20)) == 20
                assert len(reader.search_words(["py"], 20)) == 20
                assert len(index.units_at("3.py")) == UNITS
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(1, 25):
        for pair in (0, 2):
            index.replace_files({path: round_of(path, number) for path in pair_of(pair)})
        index.maintain(force=number % 8 == 0)
    done.set()
    for thread in threads:
        thread.join()
    assert not failures, failures
