"""The live pickers, in a terminal: typing, order, preview, choosing, the quickfix list, leaving.

Telescope comes from Debian. What no package registry carries is tested from the folder that
`CODESEARCH_TEST_PLUGINS` names, as docs/neovim.md says.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.editors import debian
from tests.e2e.editors.neovims import PLUGIN, VERSIONS, environment_of, neovim, plugin, telescope
from tests.e2e.editors.terminal import PATIENCE, Terminal

INIT = Path(__file__).with_name("pickers.lua")
QUERY = "wait longer before each attempt"
pytestmark = [pytest.mark.timeout(400), pytest.mark.xdist_group("neovim")]


@dataclass(frozen=True)
class Picker:
    """How one picker is used."""

    name: str
    folders: tuple[Path, ...]
    mode: str  # Neovim's, while one types
    upwards: bool  # the best stands at the bottom
    to_quickfix: tuple[str, ...]  # the keys that send all hits there


def _at_hand() -> list[str]:
    clones = {"fzf": "fzf-lua", "snacks": "snacks.nvim", "mini": "mini.nvim"}
    return ["telescope", *(name for name, clone in clones.items() if plugin(clone))]


def _picker(name: str) -> Picker:
    if name == "telescope":
        return Picker(name, tuple(telescope()), mode="i", upwards=True, to_quickfix=("C-q",))
    if name == "fzf":
        keys = ("M-a", "M-q")
        return Picker(name, _clone("fzf-lua"), mode="t", upwards=False, to_quickfix=keys)
    if name == "snacks":
        return Picker(name, _clone("snacks.nvim"), mode="i", upwards=False, to_quickfix=("C-q",))
    keys = ("C-a", "M-Enter")
    return Picker(name, _clone("mini.nvim"), mode="n", upwards=False, to_quickfix=keys)


def _clone(name: str) -> tuple[Path, ...]:
    found = plugin(name)
    assert found
    return (found,)


class Editor:
    """A Neovim in a terminal, with one picker."""

    def __init__(self, version: str, picker: Picker, home: Path, warm: tuple[Path, Path]) -> None:
        self.picker = picker
        self.root = shutil.copytree(warm[0], home / "parcels")
        (self.root / ".codesearchignore").touch()
        self._program = neovim(version)
        self._socket = home / "nvim.sock"
        environment = environment_of(home, warm[1])
        environment |= {
            "PROBE_PLUGIN": str(PLUGIN),
            "PROBE_EXTRA": ":".join(map(str, picker.folders)),
            "PROBE_PICKER": picker.name,
            "PROBE_PYTHON": sys.executable,
            "PATH": f"{debian.unpacked() / 'bin'}:{environment['PATH']}",
            "SHELL": "/bin/sh",
        }
        command = [self._program, "-u", INIT, "-i", "NONE", "--listen", self._socket]
        command.append("notify/dispatch.py")
        self.terminal = Terminal(command, self.root, environment)

    def ask(self, expression: str) -> Any:
        """The value of a Vim expression."""
        asked = ["--remote-expr", f"json_encode({expression})"]
        answer = subprocess.run(
            [self._program, "--server", self._socket, *asked],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return json.loads(answer.stdout)

    def until(self, expression: str) -> Any:
        """Wait until an expression is true."""
        end = time.monotonic() + PATIENCE
        while not (value := self.ask(expression)):
            screen = "\n".join(self.terminal.screen())
            assert time.monotonic() < end, f"waited in vain for {expression}\n{screen}"
            time.sleep(0.1)
        return value

    def command(self, text: str) -> None:
        """Type an Ex command."""
        self.terminal.type(f":{text}")
        self.terminal.press("Enter")


@pytest.fixture(params=_at_hand())
def picker(request: pytest.FixtureRequest) -> Picker:
    return _picker(request.param)


@pytest.fixture(params=VERSIONS)
def editor(
    request: pytest.FixtureRequest,
    picker: Picker,
    warm: tuple[Path, Path],
    tmp_path: Path,
) -> Iterator[Editor]:
    made = Editor(request.param, picker, tmp_path, warm)
    with made.terminal:
        made.terminal.wait_for("[codesearch]")  # the statusline: all is searchable
        yield made


def _shown(screen: list[str], hits: list[dict[str, Any]], editor: Editor) -> list[str]:
    """The qualified names of hits in the order in which the screen has them, cut off or not."""
    found = []
    results = [line for line in screen if "[codesearch]" not in line]  # not the statusline
    for line in reversed(results) if editor.picker.upwards else results:
        there = [
            hit["qualified"]
            for hit in hits
            if hit["qualified"] != hit["path"]  # a part of a file without a name of its own
            and hit["qualified"][:24] in line
            and hit["path"][:8] in line
        ]
        if there:
            found.append(max(there, key=len))
    return found


def test_a_picker_is_used_as_a_person_would(editor: Editor) -> None:
    hits = editor.ask(f"v:lua.Expected('{QUERY}')")
    best = hits[0]
    expected = [hit["qualified"] for hit in hits[:4]]

    # Typing: the newest question is answered, in the server's order, with reasons and a preview.
    editor.command(f"CodeSearch! ++{editor.picker.name}")
    editor.terminal.wait_for("Code search")
    editor.until(f"mode() == '{editor.picker.mode}'")
    time.sleep(0.5)  # fzf draws its prompt before it reads keys
    editor.terminal.type(QUERY)
    screen = editor.terminal.wait_for(lambda now: _shown(now, hits, editor)[:4] == expected)
    assert any(re.search(r"\b\d\.\d\d\b", line) for line in screen)  # the score
    if editor.picker.name != "mini":  # mini.pick shows a preview when it is asked for one
        editor.terminal.wait_for(lambda now: any(best["source"][:30] in line for line in now))

    # Choosing goes to the name of the definition.
    editor.terminal.press("Enter")
    editor.until(f"expand('%:.') == '{best['path']}'")
    editor.until(f"line('.') == {best['line']}")
    assert editor.ask("expand('<cword>')") == best["name"]

    # All hits to the quickfix list, with the picker's own keys.
    editor.command(f"CodeSearch! ++{editor.picker.name} {QUERY}")
    editor.terminal.wait_for(lambda now: _shown(now, hits, editor)[:4] == expected)
    for key in editor.picker.to_quickfix:
        editor.terminal.press(key)
    editor.until(f"len(getqflist()) == {len(hits)}")
    editor.command("cclose")

    # Leaving while a question is on its way: nothing comes after.
    editor.command(f"CodeSearch! ++{editor.picker.name}")
    editor.terminal.wait_for("Code search")
    editor.until(f"mode() == '{editor.picker.mode}'")
    editor.terminal.type("anot")
    while not editor.ask("mode() == 'n' && winnr('$') == 1"):
        editor.terminal.press("Escape")
        time.sleep(0.3)
    assert editor.ask("v:errmsg") == ""
    told = editor.ask("execute('messages')").splitlines()
    slow = "Terminal did not respond"  # 0.12 says so when the machine is busy
    assert not [line for line in told if line.strip() and slow not in line]
