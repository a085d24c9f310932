"""The process that does the heavy work: `python -m codesearch.indexing.worker ROOT`.

It is started by a leader (`indexing/supervisor.py`), holds the writer's lock, and may be
killed at any instant. It ends when it is told to, when its standard input closes, or when its
parent is gone.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import BinaryIO

from codesearch import logs, process
from codesearch.encoder import describe
from codesearch.errors import CodesearchError, StoreBusyError, StoreDamagedError
from codesearch.indexing.books import Books
from codesearch.indexing.crowd import MANY_FILES, Crowd, in_order
from codesearch.indexing.inbox import Inbox, StoppedError
from codesearch.indexing.memory import Budget, OverBudgetError
from codesearch.indexing.pipeline import Pipeline
from codesearch.indexing.protocol import (
    CURRENT_FILE,
    LOG_FILE,
    WRITER_LOCK,
    Command,
    Exit,
    Start,
    decode,
)
from codesearch.indexing.reading import FileReader
from codesearch.indexing.reporter import Reporter
from codesearch.indexing.retention import expire_indexes
from codesearch.indexing.scan import scan
from codesearch.paths import index_home, make_private
from codesearch.store import Index, ProcessLock
from codesearch.types import IndexStatus, Phase

log = logging.getLogger(__name__)

_PREDECESSOR_SECONDS = 15.0  # a worker whose leader died ends its write and goes
_PARENT_SECONDS = 1.0
_REST_SECONDS = 15.0  # without anything to do, before the disk is tidied: old versions are old then
_LAST_SECONDS = 20.0  # after a stop, for whatever does not come to a checkpoint


def main() -> int:
    """Work until told otherwise. The exit status is 0 unless something unforeseen happened."""
    process.claim()
    os.umask(0o077)  # what it writes says what is in the repository
    root = Path(sys.argv[1])
    home = make_private(index_home(root))
    reports = _guarded_stdout()
    _log_to(home / LOG_FILE)
    start = decode(sys.stdin.buffer.readline(), Start)
    if hasattr(os, "nice"):
        os.nice(start.settings.indexing.nice)
    inbox = Inbox(paused=start.paused)
    reporter = Reporter(reports, inbox, _first_status(root))
    _begin_to_watch(inbox)
    threading.Thread(target=expire_indexes, name="retention", daemon=True).start()
    return _run(root, start, inbox, reporter)


def _begin_to_watch(inbox: Inbox) -> None:
    """Have threads tell `inbox` what comes from outside."""
    signalled: SimpleQueue[None] = SimpleQueue()
    # In a handler, putting is all that is safe: another signal may come in the middle of it, and
    # would wait for ever for a lock that the first one's handler holds.
    signal.signal(signal.SIGTERM, lambda *_: signalled.put(None))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is for the leader
    follow_signals = partial(_follow_signals, signalled)
    for watch in (follow_signals, _follow_commands, _follow_parent, _end_in_time):
        threading.Thread(target=watch, args=(inbox,), daemon=True).start()


def _run(root: Path, start: Start, inbox: Inbox, reporter: Reporter) -> int:
    try:
        _serve(root, start, inbox, reporter)
    except StoppedError:
        reporter.finish(Exit.ASKED)
    except OverBudgetError as error:
        log.info("another worker goes on: %s", error)
        reporter.finish(Exit.OVER_BUDGET)
    except StoreBusyError as error:
        log.warning("%s", error)
        reporter.update(last_error=str(error))
        reporter.finish(Exit.BUSY)
    except StoreDamagedError as error:
        log.warning("starting again to rebuild: %s", error)
        reporter.update(last_error=str(error))
        return 1
    except CodesearchError as error:
        log.exception("the worker cannot go on")
        reporter.update(phase=Phase.ERROR, last_error=str(error))
        reporter.finish(Exit.FAILED)
    except Exception as error:
        log.exception("the worker stops")
        reporter.update(last_error=f"the indexer stopped: {error!r}")
        return 1
    return 0


def _serve(root: Path, start: Start, inbox: Inbox, reporter: Reporter) -> None:
    """Do what the inbox says; only an exception ends it."""
    home = index_home(root)
    settings = start.settings
    with ExitStack() as stack:
        lock = ProcessLock(home / WRITER_LOCK)
        if not lock.acquire(timeout=_PREDECESSOR_SECONDS):
            raise StoreBusyError(f"another process writes the index of {root}")
        stack.callback(lock.release)
        reader = FileReader(root, settings.indexing, home / CURRENT_FILE, start.passed_over)
        stack.callback(reader.close)
        work = inbox.take(None)
        assert work is not None
        # Opening the table takes half a second of imports, in which the scan is made, and the
        # files of a new repository begin to be read.
        pool = stack.enter_context(ThreadPoolExecutor(1, "scan"))
        began = time.time()
        found = pool.submit(scan, root, settings.indexing) if work.scan else None
        reporter.update(phase=Phase.SCANNING)
        info = describe(settings.encoder)
        crowd = Crowd(root, settings.indexing, start.passed_over)
        stack.callback(crowd.close)
        if found and not Index.stands(root, fingerprint=info.fingerprint, dimension=info.dimension):
            files = in_order(found.result().files, inbox.priority)
            if len(files) > MANY_FILES and not inbox.urgent:
                crowd.begin(files)
        books = Books(root, info, settings.encoder)
        stack.callback(books.close)
        pipeline = Pipeline(
            root,
            settings,
            books=books,
            reader=reader,
            crowd=crowd,
            inbox=inbox,
            reporter=reporter,
        )
        pipeline.tell_counts()
        pipeline.read(work, found.result() if found else None, began)
        _loop(pipeline, inbox, Budget(settings.indexing))


def _loop(pipeline: Pipeline, inbox: Inbox, budget: Budget) -> None:
    owed = False  # after a reading, the backlog has a turn: some files change all the time
    much = True  # was done just now: all files were looked at, or texts encoded
    while True:
        if much and not pipeline.has_backlog:  # commands leave as soon as all is said to be done
            pipeline.tidy()
        if not pipeline.has_backlog and not inbox.urgent:
            pipeline.settle()
        inbox.checkpoint()
        backlog = pipeline.has_backlog
        rest = _REST_SECONDS if pipeline.is_untidy else None
        work = None if owed and backlog else inbox.take(0.0 if backlog else rest)
        owed = work is not None
        if work is not None:
            pipeline.read(work)
        elif pipeline.has_backlog:
            pipeline.encode()
            budget.check()
        else:
            pipeline.tidy()
        much = backlog or (work is not None and work.scan)


def _guarded_stdout() -> BinaryIO:
    """Our own standard output, out of reach of anything else that prints."""
    reports = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return reports


def _log_to(path: Path) -> None:
    faulthandler.enable()
    logging.basicConfig(level=logging.INFO, handlers=[logs.to_file(path)])


def _first_status(root: Path) -> IndexStatus:
    return IndexStatus(str(root), phase=Phase.SCANNING, writer_pid=os.getpid())


def _follow_commands(inbox: Inbox) -> None:
    for line in sys.stdin.buffer:
        with suppress(ValueError):  # from a newer leader; what it means cannot be guessed
            inbox.put(decode(line, Command))
    inbox.stop()


def _follow_signals(signalled: SimpleQueue[None], inbox: Inbox) -> None:
    signalled.get()
    inbox.stop()


def _follow_parent(inbox: Inbox) -> None:
    """Standard input may be kept open by another child of a dead leader."""
    parent = os.getppid()
    while not inbox.stop_event.wait(_PARENT_SECONDS):
        if os.getppid() != parent:
            inbox.stop()


def _end_in_time(inbox: Inbox) -> None:
    inbox.stop_event.wait()
    time.sleep(_LAST_SECONDS)
    os._exit(1)  # nothing is lost: see invariant 3


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    # All is closed. The table's native threads would hold an ordinary exit up for a second.
    os._exit(code)
