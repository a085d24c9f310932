"""One root kept fresh by real processes: worker, leader, followers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from codesearch.encoder.cache import EmbeddingCache
from codesearch.indexing import leader_pid, read_status
from codesearch.indexing.encoding import BATCH_TEXTS
from codesearch.indexing.protocol import LEADER_LOCK, LOG_FILE, STATUS_FILE
from codesearch.paths import embedding_cache_file, index_home
from codesearch.settings import EncoderSettings, Settings
from codesearch.types import IndexStatus, Phase

from .helpers import (
    age,
    commit_all,
    contents,
    counters,
    eventually,
    fake_settings,
    git,
    index_once,
    index_through_kills,
    is_alive,
    kill,
    module,
    names,
    supervised,
    until,
    until_complete,
    write,
)

SETTINGS = fake_settings()
FILES = {f"pkg/m{n}.py": module(f"mod{n}") for n in range(12)}


def test_from_nothing_to_searchable(root: Path) -> None:
    write(root, FILES)
    told: list[IndexStatus] = []
    with supervised(root, SETTINGS, told.append) as supervisor:
        status = until_complete(supervisor)
        assert supervisor.is_leader
        pid = status.writer_pid
        assert pid is not None
        assert is_alive(pid)
        assert leader_pid(root) is not None
    assert (status.files, status.units, status.encoded) == (12, 36, 36)
    assert status.encoder == "fake"
    assert not is_alive(pid)
    assert leader_pid(root) is None
    assert told[0].phase is Phase.SCANNING
    assert not any(s.complete for s in told if s.units == 0)
    left = read_status(root)
    assert left.complete
    assert left.writer_pid is None


def test_a_second_run_encodes_nothing(root: Path) -> None:
    write(root, FILES)
    index_once(root, SETTINGS)
    before = contents(root, SETTINGS)
    status = index_once(root, SETTINGS)
    assert status.texts_encoded == 36
    assert contents(root, SETTINGS) == before


def test_a_worker_ends_however_often_it_is_told(root: Path) -> None:
    """One signal in the middle of another one's handler once made it wait for ever."""
    write(root, FILES)
    with supervised(root, SETTINGS) as supervisor:
        for turn in range(5):
            write(root, {"pkg/more.py": module("more", 1 + turn)})
            pid = until(supervisor, lambda s: s.complete and s.writer_pid is not None).writer_pid
            assert pid is not None
            for _ in range(1_000):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
            assert eventually(lambda pid=pid: not is_alive(pid))


def test_edits_arrive_and_only_new_texts_are_encoded(root: Path) -> None:
    write(root, FILES)
    with supervised(root, SETTINGS) as supervisor:
        until_complete(supervisor)
        write(root, {"pkg/m3.py": module("mod3", 4)})
        status = until(supervisor, lambda s: s.complete and s.units == 37)
        assert status.texts_encoded == 37
        (root / "pkg" / "m4.py").unlink()
        until(supervisor, lambda s: s.complete and s.units == 34)
        write(root, {"other/new.py": module("fresh", 2)})
        until(supervisor, lambda s: s.complete and s.units == 36)
        (root / "other").rename(root / "moved")
        until(supervisor, lambda s: s.complete and s.texts_encoded == 41)
    found = {unit_id.partition("\0")[0] for unit_id in contents(root, SETTINGS)}
    assert found == {*FILES, "moved/new.py"} - {"pkg/m4.py"}


def test_a_branch_switch_and_back(root: Path) -> None:
    write(root, FILES)
    commit_all(root)
    git(root, "checkout", "-q", "-b", "other")
    write(root, {"pkg/m1.py": module("changed"), "pkg/extra.py": module("extra")})
    (root / "pkg" / "m2.py").unlink()
    commit_all(root)
    git(root, "checkout", "-q", "main")
    with supervised(root, SETTINGS) as supervisor:
        until_complete(supervisor)
        main = contents(root, SETTINGS)
        git(root, "checkout", "-q", "other")
        until(supervisor, lambda s: s.complete and s.texts_encoded == 42)
        assert "changed_0" in names(root, SETTINGS)
        git(root, "checkout", "-q", "main")
        status = until(supervisor, lambda s: s.complete and s.cache_hits == 6)
        assert status.texts_encoded == 42
    assert contents(root, SETTINGS) == main


def test_a_stash(root: Path) -> None:
    write(root, FILES)
    commit_all(root)
    with supervised(root, SETTINGS) as supervisor:
        until_complete(supervisor)
        write(root, {"pkg/m1.py": module("stashed")})
        until(supervisor, lambda s: s.complete and s.texts_encoded == 39)
        git(root, "stash")
        until(supervisor, lambda s: s.complete and s.cache_hits == 3)
        assert "stashed_0" not in names(root, SETTINGS)


def test_a_second_work_tree_takes_its_vectors_from_the_first(root: Path, tmp_path: Path) -> None:
    write(root, FILES)
    commit_all(root)
    index_once(root, SETTINGS)
    git(root, "worktree", "add", "-q", "-b", "second", str(tmp_path / "second"))
    status = index_once(tmp_path / "second", SETTINGS)
    assert (status.texts_encoded, status.cache_hits) == (0, 36)


def test_a_known_change_is_never_called_complete(root: Path) -> None:
    write(root, FILES)
    with supervised(root, SETTINGS) as supervisor:
        until_complete(supervisor)
        write(root, {"pkg/m1.py": module("told")})
        supervisor.touch(["pkg/m1.py"])
        assert not supervisor.status.complete
        assert supervisor.status.dirty > 0
        until_complete(supervisor)
        assert "told_0" in names(root, SETTINGS)


def test_a_pause_holds_what_changes_and_a_resume_goes_on(root: Path) -> None:
    write(root, FILES)
    with supervised(root, SETTINGS) as supervisor:
        until_complete(supervisor)
        supervisor.pause()
        write(root, {"pkg/m1.py": module("later")})
        supervisor.touch(["pkg/m1.py"])
        status = until(supervisor, lambda s: s.phase is Phase.PAUSED and s.dirty > 0)
        assert not status.complete
        assert "later_0" not in names(root, SETTINGS)
        supervisor.resume()
        until_complete(supervisor)
        assert "later_0" in names(root, SETTINGS)


def test_a_pause_without_a_worker_leaves_no_trace(root: Path) -> None:
    write(root, FILES)
    with supervised(root, fake_settings(worker_idle_seconds=0.2)) as supervisor:
        until_complete(supervisor)
        until(supervisor, lambda s: s.writer_pid is None)
        supervisor.pause()
        until(supervisor, lambda s: s.phase is Phase.PAUSED)
        supervisor.resume()
        write(root, {"pkg/m1.py": module("later")})
        until(supervisor, lambda s: s.complete and s.texts_encoded == 39)


def test_reading_anew_encodes_nothing(root: Path) -> None:
    write(root, FILES)
    with supervised(root, SETTINGS) as supervisor:
        first = until_complete(supervisor)
        supervisor.reindex()
        again = until_complete(supervisor, time.time())
    assert again.texts_encoded == first.texts_encoded == 36
    assert again.units == 36


def test_an_unused_worker_goes_and_comes_back(root: Path) -> None:
    write(root, FILES)
    settings = fake_settings(worker_idle_seconds=0.3)
    with supervised(root, settings) as supervisor:
        first = until(supervisor, lambda s: s.complete and s.writer_pid is not None)
        gone = until(supervisor, lambda s: s.writer_pid is None)
        assert gone.complete
        assert first.writer_pid is not None
        assert not is_alive(first.writer_pid)
        write(root, {"pkg/m1.py": module("back")})
        until(supervisor, lambda s: s.complete and s.texts_encoded == 39)
    assert "back_0" in names(root, settings)


def test_a_look_that_finds_nothing_starts_no_worker(root: Path) -> None:
    write(root, FILES)
    for path in root.rglob("*.py"):
        age(path)
    settings = fake_settings(worker_idle_seconds=0.2, rescan_seconds=1.0)
    told: list[IndexStatus] = []
    with supervised(root, settings, told.append) as supervisor:
        until_complete(supervisor)
        gone = until(supervisor, lambda s: s.writer_pid is None and s.complete)
        told.clear()
        until(supervisor, lambda s: s.last_scan_at > gone.last_scan_at)
    assert all(status.complete and status.writer_pid is None for status in told)


def test_changes_that_no_event_told_are_found_by_the_next_scan(root: Path) -> None:
    write(root, {**FILES, "kept.py": module("kept")})
    commit_all(root)
    settings = fake_settings(rescan_seconds=1.0)
    with supervised(root, settings) as supervisor:
        since = until_complete(supervisor).last_scan_at
        until(supervisor, lambda s: s.complete and s.last_scan_at > since)


def test_an_encoder_without_weights_is_an_error_with_a_remedy(root: Path) -> None:
    write(root, FILES)
    settings = replace(SETTINGS, encoder=EncoderSettings(name="/no/such/folder"))
    with supervised(root, settings) as supervisor:
        status = until(supervisor, lambda s: s.phase is Phase.ERROR)
    assert status.last_error
    assert not status.complete


def test_the_real_encoder(root: Path) -> None:
    write(root, {"area.py": "def area_of_circle(radius):\n    return 3.14159 * radius ** 2\n"})
    status = index_once(root, Settings())
    assert status.encoder == "codesearch-1"
    assert status.texts_encoded == status.units == 1
    vectors = next(iter(contents(root, Settings()).values()))[2]
    assert len(vectors) == 384 * 4


def test_the_repository_is_never_imported(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trap = "raise SystemExit('imported from the workspace')\n"
    traps = ("json", "codesearch/__init__", "numpy", "sitecustomize", "torch")
    write(root, {f"{name}.py": trap for name in traps})
    monkeypatch.chdir(root)
    assert index_once(root, SETTINGS).files == 5


def test_a_terminated_worker_is_replaced(root: Path) -> None:
    write(root, FILES)
    with supervised(root, SETTINGS) as supervisor:
        first = until_complete(supervisor).writer_pid
        assert first is not None
        kill(first)
        until(supervisor, lambda s: s.complete and s.writer_pid not in (None, first))


def test_nothing_of_an_index_is_readable_by_others(root: Path) -> None:
    with supervised(root, SETTINGS) as supervisor:
        until_complete(supervisor)
    written = [path for path in index_home(root).rglob("*") if path.is_file()]
    assert LOG_FILE in {path.name for path in written}
    # Empty ones, and those of the leader, are kept by the folder, which is private.
    open_to_others = {path.name for path in written if path.stat().st_mode & 0o077}
    assert open_to_others <= {LEADER_LOCK, STATUS_FILE}


@pytest.mark.parametrize("files", [12, 120])  # read by the worker; by its helpers first
def test_a_file_that_kills_the_worker_is_passed_over(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: int
) -> None:
    # As a crash in a grammar's native code would be, for one file.
    hook = (
        "import os, sys\n"
        "import codesearch.languages as languages\n"
        "parse = languages.parse\n"
        "def deadly(path, *rest):\n"
        "    if path == 'poison.py' and b'deadly' in rest[0]:\n"
        "        os.abort()\n"
        "    return parse(path, *rest)\n"
        "languages.parse = deadly\n"
    )
    write(tmp_path, {"hook/sitecustomize.py": hook})
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "hook"))
    write(root, {f"mod{n}.py": module(f"mod{n}") for n in range(files)})
    write(root, {"poison.py": "deadly = 1\n"})
    with supervised(root, SETTINGS) as supervisor:
        status = until_complete(supervisor)
        assert status.files == files
        assert status.skipped == {"unreadable": 1}
        assert "poison.py" in (status.last_error or "")
        write(root, {"poison.py": "harmless = 1\n"})
        until(supervisor, lambda s: s.complete and s.files == files + 1)


SCRIPT = """
import sys, time
from pathlib import Path
from codesearch.indexing import IndexSupervisor
from codesearch.settings import EncoderSettings, IndexingSettings, Settings
settings = Settings(EncoderSettings(name="fake"), IndexingSettings(debounce_ms=40))
supervisor = IndexSupervisor(Path(sys.argv[1]), settings)
supervisor.start()
supervisor.wait(lambda status: status.complete, None)
print("complete", supervisor.is_leader, flush=True)
sys.stdin.read()
supervisor.stop()
"""


def another_process(root: Path) -> subprocess.Popen[str]:
    """A process of its own that supervises `root` and has it complete."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("complete")
    return process


def test_one_leads_and_another_takes_over_when_it_is_killed(root: Path) -> None:
    write(root, FILES)
    with another_process(root) as leader:
        assert leader_pid(root) == leader.pid
        with supervised(root, SETTINGS) as follower:
            status = until_complete(follower, time.time())
            assert not follower.is_leader
            worker = status.writer_pid
            assert worker is not None
            # What a follower asks for, the leader does.
            follower.pause()
            until(follower, lambda s: s.phase is Phase.PAUSED)
            write(root, {"pkg/m1.py": module("asked")})
            follower.touch(["pkg/m1.py"])
            assert not follower.status.complete
            follower.resume()
            until(follower, lambda s: s.complete and s.texts_encoded == 39)
            leader.send_signal(signal.SIGKILL)
            leader.wait()
            write(root, {"pkg/m2.py": module("after")})
            until(follower, lambda s: follower.is_leader and s.complete and s.texts_encoded == 42)
            assert eventually(lambda: not is_alive(worker))
    assert {"asked_0", "after_0"} <= names(root, SETTINGS)
    assert counters(root)["texts_encoded"] == 42


def test_a_leader_that_leaves_hands_over(root: Path) -> None:
    write(root, FILES)
    with another_process(root) as leader, supervised(root, SETTINGS) as follower:
        until_complete(follower, time.time())
        assert leader.stdin is not None
        leader.stdin.close()
        until(follower, lambda s: follower.is_leader and s.complete)
        assert leader.wait() == 0


def test_the_index_survives_kills_as_if_there_were_none(root: Path, tmp_path: Path) -> None:
    many = {f"pkg{n % 7}/m{n}.py": module(f"mod{n}", 5) for n in range(300)}
    write(root, many)
    survived = index_through_kills(root, SETTINGS, 8, longest=0.5, seed=20)
    assert survived.kills == 8
    interrupted = contents(root, SETTINGS)
    encoded = counters(root)["texts_encoded"]
    assert len(interrupted) == 1500
    assert encoded <= 1500 + 8 * BATCH_TEXTS  # a kill costs the batch in flight at most
    cache = EmbeddingCache()
    assert cache.puts == cache.rows == 1500
    cache.close()

    # What one go makes of the same files, with nothing known before.
    index_home(root).rename(tmp_path / "put-aside")
    embedding_cache_file().unlink()
    index_once(root, SETTINGS)
    assert contents(root, SETTINGS) == interrupted


def test_a_root_that_was_never_indexed(root: Path) -> None:
    assert read_status(root) == IndexStatus(str(root))
    assert leader_pid(root) is None


def test_a_root_that_goes_keeps_its_index(root: Path) -> None:
    write(root, FILES)
    with supervised(root, SETTINGS) as supervisor:
        before = until_complete(supervisor)
        root.rename(root.with_name("elsewhere"))
        supervisor.touch(["pkg/m1.py"])
        status = until(supervisor, lambda s: s.phase is Phase.ERROR)
        assert status.units == before.units
        assert "not a folder" in (status.last_error or "")
        root.with_name("elsewhere").rename(root)
        supervisor.touch(["pkg/m1.py"])
        assert until_complete(supervisor).texts_encoded == before.texts_encoded


def test_importing_the_room_is_light() -> None:
    script = (
        "import sys, codesearch.indexing\n"
        "heavy = {'torch', 'transformers', 'lancedb', 'pyarrow', 'tree_sitter', 'pygls'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or None)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
