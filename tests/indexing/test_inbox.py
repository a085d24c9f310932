"""What a worker was told, and what it says of it."""

from __future__ import annotations

import io
import threading

import pytest

from codesearch.indexing.inbox import Inbox, StoppedError, Work
from codesearch.indexing.protocol import (
    Action,
    Command,
    CommandCounter,
    Exit,
    Report,
    Start,
    decode,
    encode,
)
from codesearch.indexing.reporter import Reporter
from codesearch.settings import EncoderSettings, IndexingSettings, Settings
from codesearch.types import IndexStatus, Phase


def test_messages_survive_the_pipe() -> None:
    settings = Settings(EncoderSettings("x", max_tokens=3), IndexingSettings(ignore=("*.é",)))
    status = IndexStatus("r", Phase.ENCODING, skipped={"binary": 2}, warnings=("w",))
    for message in (
        Start(settings, ("a\nb",), True),
        Command(4, Action.TOUCH, ("ü.py",)),
        Report(4, status, Exit.BUSY),
        status,
    ):
        line = encode(message)
        assert "\n" not in line
        assert decode(line, type(message)) == message


@pytest.mark.parametrize("line", ["", "{", "[]", '{"number": 1}', '{"number":1,"action":"fly"}'])
def test_a_line_that_is_no_message(line: str) -> None:
    with pytest.raises(ValueError):
        decode(line, Command)


def test_commands_stay_open_until_they_are_seen() -> None:
    commands = CommandCounter()
    commands.next(Action.SCAN)
    commands.next(Action.TOUCH, ("a", "b"))
    commands.confirm(1)
    assert commands.open_work
    assert commands.open_paths == {"a", "b"}
    commands.next(Action.PRIORITISE, ("c",))
    commands.confirm(2)
    assert not commands.open_work
    commands.replace_all(Action.SCAN)
    assert [command.action for command in commands.unconfirmed] == [Action.SCAN]


def test_a_path_is_dirty_until_it_is_released() -> None:
    inbox = Inbox()
    inbox.put(Command(1, Action.TOUCH, ("a", "b")))
    assert inbox.snapshot().dirty == 2
    assert inbox.take(0) == Work(paths=("a", "b"))
    assert inbox.snapshot().dirty == 2
    inbox.put(Command(2, Action.TOUCH, ("b",)))
    inbox.release(["a", "b"])
    assert inbox.snapshot().dirty == 1
    assert inbox.snapshot().seen == 2


def test_everything_that_came_is_taken_at_once() -> None:
    inbox = Inbox()
    for number, action in enumerate((Action.SCAN, Action.SCAN, Action.REINDEX), 1):
        inbox.put(Command(number, action))
    assert inbox.take(0) == Work(scan=True, anew=True)
    assert inbox.take(0) is None


def test_a_pause_holds_work_and_checkpoints() -> None:
    inbox = Inbox(paused=True)
    inbox.put(Command(1, Action.SCAN))
    assert inbox.urgent
    assert inbox.take(0) is None
    passed = threading.Event()
    thread = threading.Thread(target=lambda: (inbox.checkpoint(), passed.set()))
    thread.start()
    assert not passed.is_set()
    inbox.put(Command(2, Action.RESUME))
    thread.join()
    assert passed.is_set()
    assert inbox.take(0) == Work(scan=True)


def test_a_stop_ends_every_wait() -> None:
    inbox = Inbox(paused=True)
    inbox.put(Command(1, Action.STOP))
    with pytest.raises(StoppedError):
        inbox.take(None)
    with pytest.raises(StoppedError):
        inbox.checkpoint()


def reports(out: io.BytesIO) -> list[Report]:
    return [decode(line, Report) for line in out.getvalue().splitlines()]


def test_ready_is_never_said_while_something_waits() -> None:
    out, inbox = io.BytesIO(), Inbox()
    reporter = Reporter(out, inbox, IndexStatus("r"))
    inbox.put(Command(1, Action.TOUCH, ("a",)))
    reporter.update(phase=Phase.READY)
    last = reports(out)[-1]
    assert (last.seen, last.status.phase, last.status.dirty) == (1, Phase.SCANNING, 1)
    assert not last.status.complete
    inbox.take(0)
    inbox.release(["a"])
    reporter.finish(Exit.ASKED)
    last = reports(out)[-1]
    assert (last.status.phase, last.status.dirty, last.leaving) == (Phase.READY, 0, Exit.ASKED)
    inbox.stop()


def test_a_pause_is_told_but_an_error_is_told_first() -> None:
    out, inbox = io.BytesIO(), Inbox(paused=True)
    reporter = Reporter(out, inbox, IndexStatus("r"))
    reporter.update(phase=Phase.ENCODING)
    assert reports(out)[-1].status.phase is Phase.PAUSED
    reporter.update(phase=Phase.ERROR)
    assert reports(out)[-1].status.phase is Phase.ERROR
    inbox.stop()


def test_a_leader_that_does_not_listen_stops_the_worker() -> None:
    out, inbox = io.BytesIO(), Inbox()
    out.close()
    Reporter(out, inbox, IndexStatus("r")).update(phase=Phase.PARSING)
    assert inbox.stop_event.is_set()
