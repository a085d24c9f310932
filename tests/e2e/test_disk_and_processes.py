"""What the commands leave behind: on disk, in the process table, on the network."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.e2e.conftest import codesearch

_WATCH_THE_NETWORK = """
import socket

def refuse(*arguments, **_):
    with open({log!r}, "a") as log:
        print(arguments, file=log)
    raise OSError("no network here")

socket.socket.connect = refuse
socket.socket.connect_ex = refuse
socket.getaddrinfo = refuse
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small repository of its own, and so an index that a test may break."""
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "a.py").write_text("def melt_the_cheese(pan):\n    return pan.heat()\n")
    (folder / "b.py").write_text("def slice_the_bread(loaf):\n    return loaf.cut()\n")
    for file in folder.iterdir():  # what was written just now would be read again
        os.utime(file, (1_700_000_000, 1_700_000_000))
    return folder


@pytest.fixture
def quick(private_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The encoder is of no matter here."""
    (private_home / "config.toml").write_text('[encoder]\nname = "fake"\n')
    monkeypatch.setenv("CODESEARCH_TEST", "1")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Where the commands of a test keep what they keep."""
    return tmp_path / "cache"


def _index_home(cache: Path) -> Path:
    [home] = (cache / "indexes").iterdir()
    return home


@pytest.mark.usefixtures("quick")
def test_folders_are_for_their_owner_alone(root: Path, cache: Path) -> None:
    assert codesearch("warmup", root, cwd=root, cache=cache).returncode == 0
    for folder in (cache, cache / "indexes", _index_home(cache)):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder


@pytest.mark.usefixtures("quick")
def test_a_shared_folder_for_the_cache_stays_shared(root: Path, cache: Path) -> None:
    cache.mkdir()
    cache.chmod(0o1777)
    for command in ("warmup", "doctor"):
        assert codesearch(command, ".", cwd=root, cache=cache).returncode == 0
    assert stat.S_IMODE(cache.stat().st_mode) == 0o1777


@pytest.mark.usefixtures("quick")
def test_cleaning_everything_leaves_what_is_not_ours(root: Path, cache: Path) -> None:
    foreign = [cache / "thesis.tex", cache / "embeddings.txt", cache / "indexes" / "library.bib"]
    for file in foreign:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("years of work")
    assert codesearch("warmup", root, cwd=root, cache=cache).returncode == 0
    assert (cache / "embeddings.db").is_file()
    assert codesearch("clean", "--all", "-y", cwd=root, cache=cache).returncode == 0
    assert sorted(file for file in cache.rglob("*") if file.is_file()) == sorted(foreign)


@pytest.mark.usefixtures("quick")
def test_a_missing_table_is_made_again(root: Path, cache: Path) -> None:
    codesearch("warmup", root, cwd=root, cache=cache)
    shutil.rmtree(_index_home(cache) / "table.lance")
    answer = codesearch("warmup", root, cwd=root, cache=cache)
    assert answer.returncode == 0, answer.stderr
    assert "melt_the_cheese" in codesearch("search", "cheese", cwd=root, cache=cache).stdout


@pytest.mark.usefixtures("quick")
def test_damage_is_told_and_then_mended(root: Path, cache: Path) -> None:
    codesearch("warmup", root, cwd=root, cache=cache)
    for file in (_index_home(cache) / "table.lance" / "data").iterdir():
        file.write_bytes(b"\xff" * file.stat().st_size)
    broken = codesearch("search", "cheese", "-C", root, cwd=root, cache=cache)
    assert broken.returncode == 4
    assert "damaged" in broken.stderr
    assert "codesearch warmup" in broken.stderr
    again = codesearch("search", "cheese", "--no-update", "-C", root, cwd=root, cache=cache)
    assert again.returncode == 4
    assert not again.stdout
    assert codesearch("warmup", root, cwd=root, cache=cache).returncode == 0
    assert "melt_the_cheese" in codesearch("search", "cheese", cwd=root, cache=cache).stdout


@pytest.mark.usefixtures("quick")
def test_a_folder_without_an_index_is_not_the_root(root: Path, cache: Path) -> None:
    codesearch("status", root, cwd=root, cache=cache)
    codesearch("warmup", root.parent, cwd=root, cache=cache)
    (_index_home(cache) / "meta.json").unlink()  # as an interrupted command leaves it
    status = codesearch("status", "--json", cwd=root, cache=cache)
    assert json.loads(status.stdout)["root"] == str(root)


@pytest.mark.usefixtures("quick")
def test_no_process_is_left_behind(root: Path, cache: Path) -> None:
    assert codesearch("search", "cheese", cwd=root, cache=cache).returncode == 0
    warmed = json.loads(codesearch("warmup", ".", "--json", cwd=root, cache=cache).stdout)
    assert warmed["writer_pid"] is None
    for process in psutil.process_iter(["cmdline"]):  # a worker is told its root
        assert str(root) not in (process.info["cmdline"] or []), process


def test_nothing_is_asked_of_the_network(root: Path, cache: Path, tmp_path: Path) -> None:
    log, path = tmp_path / "connections", tmp_path / "path"
    path.mkdir()
    (path / "sitecustomize.py").write_text(_WATCH_THE_NETWORK.format(log=str(log)))
    watched = {**os.environ, "PYTHONPATH": str(path)}
    attempt = "import socket; socket.getaddrinfo('localhost', 1)"
    subprocess.run([sys.executable, "-c", attempt], check=False, env=watched, capture_output=True)
    assert log.read_text()  # the watch sees what there is to see
    log.unlink()
    commands = [("warmup", "."), ("search", "melting"), ("similar", "a.py:1")]
    for command in commands:
        answer = codesearch(*command, cwd=root, cache=cache, env={"PYTHONPATH": str(path)})
        assert answer.returncode == 0, answer.stderr
    assert not log.exists()
