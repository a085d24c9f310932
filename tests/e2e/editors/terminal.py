"""A program in a terminal: what a person types, and the screen that they see."""

from __future__ import annotations

import itertools
import os
import shlex
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from tests.e2e.editors import debian

_numbers = itertools.count()
# Generous, since the machine may be busy with other tests.
PATIENCE = 120.0


class Terminal:
    """A program in a tmux of its own; `with` ends both."""

    def __init__(
        self,
        command: Sequence[str | Path],
        cwd: Path,
        environment: Mapping[str, str],
        size: tuple[int, int] = (140, 40),
    ) -> None:
        self._tmux = [
            *(str(debian.program("tmux")), "-L", f"codesearch-{os.getpid()}-{next(_numbers)}"),
            *("-f", "/dev/null"),
        ]
        # Set before the program starts: what it is told, and that its last words can be read.
        settings = [
            *("set", "-g", "default-terminal", "screen-256color", ";"),
            *("set", "-g", "remain-on-exit", "on", ";"),
            *("set", "-s", "escape-time", "10", ";"),
        ]
        start = ["new-session", "-d", "-x", str(size[0]), "-y", str(size[1]), "-c", str(cwd)]
        run = shlex.join(map(str, command))
        self._do("start-server", ";", *settings, *start, run, environment=environment)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._do("kill-server")

    def type(self, text: str) -> None:
        """Type text, as it is."""
        self._do("send-keys", "-l", "--", text)

    def press(self, *keys: str) -> None:
        """Press keys by their names in tmux: Enter, Escape, C-q, M-a."""
        self._do("send-keys", *keys)

    def screen(self) -> list[str]:
        """The lines on the screen, from the top."""
        return self._do("capture-pane", "-p").splitlines()

    def wait_for(self, what: str | Callable[[list[str]], bool]) -> list[str]:
        """The screen as soon as it shows a text, or fulfils a condition."""
        end = time.monotonic() + PATIENCE
        while True:
            lines = self.screen()
            if what in "\n".join(lines) if isinstance(what, str) else what(lines):
                return lines
            shown = "\n".join(lines).rstrip()
            assert time.monotonic() < end, f"waited in vain for {what} on the screen\n{shown}"
            time.sleep(0.1)

    def _do(self, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
        answer = subprocess.run(
            [*self._tmux, *arguments],
            env={**os.environ, **(environment or {}), "LC_ALL": "C.UTF-8", "TMUX": ""},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
        return answer.stdout
