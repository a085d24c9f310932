"""Helix and Emacs, with the configuration that docs/editors.md shows."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.editors import debian
from tests.e2e.editors.neovims import PLUGIN, environment_of
from tests.e2e.editors.terminal import PATIENCE, Terminal

DOCS = PLUGIN.parents[1] / "docs" / "editors.md"
PROBE = Path(__file__).with_name("emacs_probe.el")
pytestmark = [pytest.mark.timeout(400), pytest.mark.xdist_group("neovim")]


def _shown(language: str) -> str:
    """The blocks of the documentation in a language."""
    blocks = re.findall(rf"```{language}\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert blocks
    return "\n".join(blocks)


def _environment(home: Path, warm: tuple[Path, Path]) -> dict[str, str]:
    environment = environment_of(home, warm[1])
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    return environment


@pytest.fixture
def root(warm: tuple[Path, Path], tmp_path: Path) -> Path:
    """A copy of the repository, and a real one: editors look for git's folder."""
    copy = shutil.copytree(warm[0], tmp_path / "parcels")
    subprocess.run(["git", "init", "-q"], cwd=copy, check=True)
    return copy


def _ask_helix(terminal: Terminal, question: str, expected: str) -> None:
    """Ask until the index is there: Helix asks when one types, and not again."""
    end = time.monotonic() + PATIENCE
    while True:
        terminal.type(" S")
        terminal.wait_for("path ")  # a column of the list
        terminal.type(question)
        for _ in range(10):
            time.sleep(0.3)
            if any(re.search(expected, line) for line in terminal.screen()):
                return
        assert time.monotonic() < end, "\n".join(terminal.screen())
        terminal.press("Escape")
        time.sleep(0.3)


def _similar_in_helix(terminal: Terminal) -> str:
    """What the line at the bottom says of code like the lines 65 to 69."""
    terminal.press("Escape")
    terminal.type("65G5x a")
    terminal.wait_for("Find similar code")
    terminal.press("Enter")
    screen = terminal.wait_for(lambda lines: any("imilar code" in line for line in lines[-2:]))
    return screen[-1]


def test_helix(root: Path, warm: tuple[Path, Path], tmp_path: Path) -> None:
    config = tmp_path / "config" / "helix" / "languages.toml"
    config.parent.mkdir(parents=True)
    config.write_text(_shown("toml"))
    command = [debian.program("hx"), "notify/dispatch.py"]
    with Terminal(command, root, _environment(tmp_path, warm)) as terminal:
        terminal.wait_for('1  """Telling people')
        _ask_helix(terminal, "how is a retry delayed", r"> function +fetchWithRetry")
        terminal.press("Enter")
        terminal.wait_for("web/src/client.ts")
        terminal.wait_for("16:1")

        # A function is selected, and one like it found.
        terminal.type(":open notify/dispatch.py")
        terminal.press("Enter")
        terminal.wait_for('1  """Telling people')
        terminal.wait_for(lambda _: "gateway/session.go:45 sign" in _similar_in_helix(terminal))


def test_emacs(root: Path, warm: tuple[Path, Path], tmp_path: Path) -> None:
    config = tmp_path / "codesearch.el"
    config.write_text(_shown("elisp"))
    environment = _environment(tmp_path, warm)
    environment |= {"PROBE_ROOT": str(root), "PROBE_CONFIG": str(config)}
    answer = subprocess.run(
        [debian.program("emacs"), "-Q", "--batch", "-l", PROBE],
        env=environment,
        capture_output=True,
        text=True,
        timeout=380,
        check=False,
    )
    lines = [line for line in answer.stdout.splitlines() if line.startswith("PROBE ")]
    assert lines, answer.stdout + answer.stderr
    seen = json.loads(lines[0].removeprefix("PROBE "))
    assert seen["symbols"][0] == "client.ts:16"
    assert seen["action"] == "Find similar code"
    assert re.search(rf"Similar code: \S*{seen['place']} ", answer.stderr)
    assert "fetchWithRetry" in seen["own"]
