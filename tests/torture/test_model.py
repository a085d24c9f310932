"""Random histories against a simple model of what should be found; failures shrink."""

from __future__ import annotations

import os
import stat
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from codesearch.indexing import IndexSupervisor
from tests.indexing.bench import Bench
from tests.indexing.helpers import contents, fake_settings, until_complete
from tests.torture.expected import assert_as_expected, expected, indexed
from tests.torture.history import STEPS, Repository, Step
from tests.torture.scale import SCALE, SECONDS, SEED
from tests.torture.scratch import from_scratch

SETTINGS = fake_settings()
_HISTORIES = 12 * SCALE
_WATCHED = 3 * SCALE
_STEPS = 30
_SECONDS = 60.0  # for a change to be noticed and searchable, however busy the machine is
_RULES = (".git/HEAD", ".git/index", ".git/info/exclude", ".gitignore", ".codesearchignore")

_NUMBER = st.integers(0, 255)
_STEP = st.tuples(st.sampled_from(sorted(STEPS)), _NUMBER, _NUMBER)

pytestmark = pytest.mark.timeout(SECONDS * 4)


@pytest.fixture(autouse=True)
def test_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODESEARCH_TEST", "1")


class History(RuleBasedStateMachine):
    """Steps at random, of which the index learns in one way or another."""

    unseen: frozenset[str] = frozenset()  # steps that it need not learn of

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory(prefix="history-")
        self.repository = Repository(Path(self._folder.name))
        self.root = self.repository.root

    @rule(steps=st.lists(_STEP, min_size=1, max_size=4))
    def do(self, steps: list[Step]) -> None:
        for step in steps:
            if step[0] not in self.unseen:
                self.repository.do(step)

    def teardown(self) -> None:
        self._folder.cleanup()


class Told(History):
    """The pipeline is told what changed as a watcher would tell it, or looks at everything."""

    def __init__(self) -> None:
        super().__init__()
        self._bench = Bench(self.root, SETTINGS)
        self._bench.scan()
        self._seen = _looks(self.root)

    @rule()
    def scan(self) -> None:
        self._seen = _looks(self.root)
        self._bench.scan()
        assert_as_expected(self.root, SETTINGS)

    @rule()
    def touch(self) -> None:
        before, self._seen = self._seen, _looks(self.root)
        changed = {path for path, _ in before.items() ^ self._seen.items()}
        if any(
            _concerns_all(path, came_or_went=(path in before) != (path in self._seen))
            for path in changed
        ):
            self._bench.scan()
        elif changed:
            self._bench.touch(*sorted(changed))
        assert_as_expected(self.root, SETTINGS)

    def teardown(self) -> None:
        try:
            self.scan()
            assert contents(self.root, SETTINGS) == from_scratch(self.root, SETTINGS)
        finally:
            self._bench.close()
            super().teardown()


class Watched(History):
    """A supervisor with its watcher and its worker sees by itself what happens."""

    # The system tells of a write to a file by the one name it was opened by.
    unseen = frozenset({"hard_link"})

    def __init__(self) -> None:
        super().__init__()
        self._supervisor = IndexSupervisor(self.root, SETTINGS)
        self._supervisor.start()
        until_complete(self._supervisor)

    @rule()
    def look(self) -> None:
        deadline = time.monotonic() + _SECONDS
        wanted = expected(self.root)
        while (found := indexed(self.root, SETTINGS)) != wanted and time.monotonic() < deadline:
            time.sleep(0.05)
        assert found == wanted

    def teardown(self) -> None:
        try:
            self.look()
        finally:
            self._supervisor.stop()
            super().teardown()


@pytest.mark.parametrize(("machine", "histories"), [(Told, _HISTORIES), (Watched, _WATCHED)])
def test_an_index_is_what_its_history_made_of_the_files(
    machine: type[History], histories: int
) -> None:
    run_state_machine_as_test(
        seed(SEED)(machine),
        settings=settings(
            max_examples=histories,
            stateful_step_count=_STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def _looks(root: Path) -> dict[str, tuple[int, ...]]:
    """How everything looks from outside, but of git's own files only those that rule."""
    found = {}
    for at, folders, names in os.walk(root):
        here = Path(at)
        inside_git = ".git" in here.relative_to(root).parts
        if inside_git:
            folders[:] = ["info"] if "info" in folders else []
        for file in [here / name for name in (*folders, *names)]:
            path = file.relative_to(root).as_posix()
            if not inside_git or path in _RULES:
                facts = file.lstat()
                found[path] = (facts.st_mode, facts.st_ino)
                if not stat.S_ISDIR(facts.st_mode):
                    found[path] += (facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)
    return found


def _concerns_all(path: str, *, came_or_went: bool) -> bool:
    """Whether a watcher would have everything looked at."""
    name = path.rpartition("/")[2]
    return path in _RULES or name in _RULES or (came_or_went and name in (".git", "setup.py"))
