"""What is left out of the index is nowhere on disk or in a log, and what is there is private."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.e2e.conftest import codesearch
from tests.server.client import Server

pytestmark = pytest.mark.timeout(300)

# One word for each way to be left out; none of them is a part of another.
EXCLUDED = {
    ".env": "wumpenholz",
    "deploy/id_rsa": "krachmandel",
    "config/secrets.yml": "zwirbelkiste",
    "deploy/prod.tfvars": "quastenflosser",
    ".aws/credentials": "blasebalg",
    "server.key": "hutzelbrot",
    "ignored/by_git.py": "pumpernickel",
    "ours/by_us.py": "schlawiner",
    ".git/description": "firlefanz",
    "node_modules/a/index.js": "kuddelmuddel",
    "large.py": "remmidemmi",
    "binary.bin": "tohuwabohu",
}
OUTSIDE = "larifari"  # in a file that a link in the repository leads to
IGNORES = (".gitignore", ".codesearchignore")
INCLUDED = "sammelsurium"  # a word that has to be found, or the scan finds nothing at all


@dataclass(frozen=True)
class Used:
    """A cache that commands and a server have used, and all that they printed."""

    root: Path
    cache: Path
    printed: dict[str, str]
    env: dict[str, str]


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _repository(folder: Path) -> Path:
    root = folder / "repository"
    _write(root / "melt.py", f"def melt_{INCLUDED}(pan):\n    return pan.{INCLUDED}_heat()\n")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    for path, word in EXCLUDED.items():
        _write(root / path, f"def {word}():\n    return '{word} {word}_key'\n")
    _write(root / ".gitignore", "ignored/\n")
    _write(root / ".codesearchignore", "ours/\n")
    with (root / "large.py").open("a") as large:
        large.write("x = 1\n" * 200_000)
    (root / "binary.bin").write_bytes(b"\0\1\2 " + EXCLUDED["binary.bin"].encode())
    _write(folder / "outside.py", f"def {OUTSIDE}():\n    return 1\n")
    (root / "link.py").symlink_to(folder / "outside.py")
    return root


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Used:
    """All that writes has run, under a careless umask, and a worker was killed in between."""
    base = tmp_path_factory.mktemp("leaks")
    root, cache = _repository(base), base / "cache"
    (base / "config.toml").write_text('[encoder]\nname = "fake"\n')
    env = {
        "CODESEARCH_CACHE_DIR": str(cache),
        "CODESEARCH_CONFIG": str(base / "config.toml"),
        "CODESEARCH_TEST": "1",
        "CODESEARCH_LOG": "DEBUG",
    }
    printed = {}
    umask = os.umask(0)
    try:
        printed["server"] = _serve(root, env)
        for number, command in enumerate(
            (["warmup", "."], ["status"], ["doctor", "--report", "../report.zip"])
        ):
            answer = codesearch(*command, cwd=root, cache=cache, env=env)
            printed[f"{command[0]} {number}"] = answer.stdout + answer.stderr
    finally:
        os.umask(umask)
    return Used(root, cache, printed, env)


def _serve(root: Path, env: dict[str, str]) -> str:
    """Index, edit, crash, ask: what the server logged."""
    server = Server(env=env)
    server.open(root)
    status = server.wait_ready()
    worker = psutil.Process(server.process.pid).children(recursive=True)
    for process in worker:  # its last words go to a log
        process.send_signal(signal.SIGSEGV)
    _write(root / "later.py", "def stir_it(pot):\n    return pot.stir()\n")
    server.notify(
        "workspace/didChangeWatchedFiles",
        {"changes": [{"uri": (root / "later.py").as_uri(), "type": 1}]},
    )
    server.wait_status(lambda roots: roots[0]["files"] > status["roots"][0]["files"])
    for query in ("melt the pan", "stir"):
        server.request("codesearch/search", {"query": query})
    server.stop()
    return server.errors()


def _holds(used: Used, word: str) -> list[str]:
    """The files of the cache, and the outputs, in which a word stands."""
    spellings = (word.encode(), word.encode("utf-16-le"))
    files = [file for file in used.cache.rglob("*") if file.is_file()]
    found = [str(f) for f in files if any(s in f.read_bytes() for s in spellings)]
    return found + [name for name, text in used.printed.items() if word in text]


def test_the_scan_sees_what_is_indexed(used: Used) -> None:
    assert any("table.lance" in file for file in _holds(used, INCLUDED))


@pytest.mark.parametrize("word", [*EXCLUDED.values(), OUTSIDE])
def test_what_is_left_out_is_nowhere(used: Used, word: str) -> None:
    assert _holds(used, word) == []


def test_what_is_left_out_is_not_found(used: Used) -> None:
    words = [*EXCLUDED.values(), OUTSIDE]
    command = ["search", "--batch", "--no-update"]
    asked = "\n".join(words) + "\n"
    answer = codesearch(*command, cwd=used.root, cache=used.cache, env=used.env, stdin=asked)
    hits = [json.loads(line)["hits"] for line in answer.stdout.splitlines()]
    assert len(hits) == len(words)
    assert {hit["path"] for each in hits for hit in each} <= {"melt.py", "later.py", *IGNORES}


def test_a_report_holds_nothing_of_the_repository(used: Used) -> None:
    target = used.cache.parent / "report.zip"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with zipfile.ZipFile(target) as bundle:
        parts = {name: bundle.read(name).decode() for name in bundle.namelist()}
    text = "\n".join(parts.values())
    files = [f.name for f in used.root.rglob("*.*") if f.is_file() and ".git" not in f.parts]
    words = [*EXCLUDED.values(), OUTSIDE, INCLUDED, str(used.root), used.root.parent.name]
    for word in (*files, *words, "melt", "stir", "cheese", "pan"):
        assert word not in text, word
    assert json.loads(parts["status.json"])["units"] > 0
    assert json.loads(parts["versions.json"])["packages"]["lancedb"]
    assert "Fatal Python error: Segmentation fault" in parts["log.txt"]
    assert "codesearch/indexing/worker.py" in parts["log.txt"]


def test_everything_is_for_its_owner_alone(used: Used) -> None:
    paths = [used.cache, *used.cache.rglob("*")]
    assert len(paths) > 20
    for path in paths:
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


def test_cleaning_everything_leaves_nothing(used: Used, tmp_path: Path) -> None:
    cache = shutil.copytree(used.cache, tmp_path / "cache")
    answer = codesearch("clean", "--all", "-y", cwd=tmp_path, cache=cache)
    assert answer.returncode == 0, answer.stderr
    assert not cache.exists()


def test_the_crash_left_a_log(used: Used) -> None:
    """Otherwise the scan above proves nothing of logs."""
    logs = [log.read_text() for log in used.cache.rglob("worker.log*")]
    assert any("Segmentation fault" in log for log in logs)
