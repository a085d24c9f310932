"""What the leader and its worker say to each other, one JSON object a line, and `status.json`.

To the worker: `start` first, then commands, each with a number that counts up. From it:
reports, each with the number of the last command that is reflected in it, so that the leader
knows which of its commands the worker's "ready" does not speak of yet.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import cattrs

from codesearch.paths import index_home, make_private, replace_file
from codesearch.settings import Settings
from codesearch.types import IndexStatus

STATUS_FILE = "status.json"
LEADER_LOCK = "leader.lock"
WRITER_LOCK = "writer.lock"
CURRENT_FILE = "current"  # the path being parsed, so that a crash can be laid at its door
LOG_FILE = "worker.log"

T = TypeVar("T")


class Action(StrEnum):
    """What a worker can be told to do."""

    SCAN = "scan"  # look at the whole root
    TOUCH = "touch"  # these paths, files or folders, may have changed
    PRIORITISE = "prioritise"  # these files are open: encode them first
    PAUSE = "pause"
    RESUME = "resume"
    REINDEX = "reindex"  # read every file again
    STOP = "stop"


WORKING = frozenset({Action.SCAN, Action.TOUCH, Action.REINDEX})  # the others wait for work


class Exit(StrEnum):
    """Why a worker ended by itself, told in its last report."""

    ASKED = "asked"
    BUSY = "busy"  # another process is the writer
    FAILED = "failed"  # starting again would fail in the same way
    OVER_BUDGET = "over budget"  # another one begins with less memory


@dataclass(frozen=True, slots=True)
class Start:
    """The first line to a worker. `passed_over`: files that killed a worker before."""

    settings: Settings
    passed_over: tuple[str, ...] = ()
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """Any later line to a worker."""

    number: int
    action: Action
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A line from a worker: `status` with every command up to `seen` taken into account."""

    seen: int
    status: IndexStatus
    leaving: Exit | None = None


def encode(message: Start | Command | Report | IndexStatus) -> str:
    """One line without its end."""
    return json.dumps(cattrs.unstructure(message), separators=(",", ":"))


def decode(line: str | bytes, kind: type[T]) -> T:
    """The message in `line`; ValueError if it is not one of `kind`."""
    try:
        return cattrs.structure(json.loads(line), kind)
    except (ValueError, TypeError, KeyError, cattrs.BaseValidationError) as error:
        raise ValueError(f"not a {kind.__name__}: {line!r}") from error


def write_status(root: Path, status: IndexStatus) -> None:
    """Replace `status.json` in one step. Raises OSError (disk full, folder removed)."""
    home = make_private(index_home(root))
    replace_file(home / STATUS_FILE, encode(status))


def read_status_file(root: Path) -> IndexStatus | None:
    """What `status.json` says, or None when there is none that can be read."""
    try:
        return decode((index_home(root) / STATUS_FILE).read_bytes(), IndexStatus)
    except (OSError, ValueError):
        return None


@dataclass(slots=True)
class CommandCounter:
    """Numbers commands, and remembers which the worker has not confirmed."""

    last: int = 0
    _open: dict[int, Command] = field(default_factory=dict)

    def next(self, action: Action, paths: tuple[str, ...] = ()) -> Command:
        """The next command, unconfirmed from now on."""
        self.last += 1
        command = Command(self.last, action, paths)
        self._open[self.last] = command
        return command

    def confirm(self, seen: int) -> None:
        """Forget the commands up to `seen`."""
        for number in [number for number in self._open if number <= seen]:
            del self._open[number]

    def replace_all(self, action: Action) -> None:
        """Put one command in place of all unconfirmed ones; reading all anew does as well."""
        anew = any(command.action is Action.REINDEX for command in self._open.values())
        self._open.clear()
        self.next(Action.REINDEX if anew else action)

    @property
    def unconfirmed(self) -> list[Command]:
        """Commands that no report speaks of yet, the oldest first."""
        return list(self._open.values())

    @property
    def open_paths(self) -> set[str]:
        """Paths of touches that no report speaks of yet."""
        touches = (c for c in self._open.values() if c.action is Action.TOUCH)
        return {path for command in touches for path in command.paths}

    @property
    def open_work(self) -> bool:
        """Whether a command that makes work is unconfirmed."""
        return any(command.action in WORKING for command in self._open.values())
