"""A second process that calls functions for this one: `python -m codesearch.helper`.

Parsing holds the interpreter's lock for longer than an editor's server may stand still, it can
use only one processor, and a faulty grammar would take its process along. None of that matters
in a helper. It is a process of ours that ends with its parent, and it hears nothing but what
its parent tells it.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, ParamSpec, TypeVar

from codesearch import process

_P = ParamSpec("_P")
_T = TypeVar("_T")

_MODULE = "codesearch.helper"
_IDLE_SECONDS = 300.0  # without a call; then it goes, and the next call starts another
_ENDED_IN_ORDER = 0


class HelperDiedError(Exception):
    """The helper's process ended, or was ended, in the middle of a call."""


class Helper:
    """One helper process, started when it is first needed. Thread-safe: one call at a time.

    Args:
        longest_call: seconds after which a call is given up and its process killed.
    """

    def __init__(self, longest_call: float) -> None:
        self._longest_call = longest_call
        self._mutex = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process without waiting for it, so that the first call finds it ready."""
        with self._mutex:
            self._running()

    def call(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """What `function` returns or raises there. It is a function of a module of ours.

        Raises:
            HelperDiedError: it died of the call or took too long; the next call starts another.
        """
        request = pickle.dumps((function, args, kwargs), pickle.HIGHEST_PROTOCOL)
        with self._mutex:
            answer = self._exchange(request)
            if answer is None:  # it had been idle, and left before it heard
                answer = self._exchange(request)
        if answer is None:
            raise HelperDiedError(f"{function.__name__} in another process")
        succeeded, value = answer
        if not succeeded:
            raise value
        result: _T = value
        return result

    def close(self) -> None:
        """End the process, whatever it is doing. A later call would start another."""
        running = self._process
        if running is not None:  # not under the mutex: a call may hold it
            running.kill()
            running.wait()

    def _exchange(self, request: bytes) -> tuple[bool, Any] | None:
        """The answer; None if the process had left in order. HelperDiedError if it died."""
        running = self._running()
        assert running.stdin is not None
        assert running.stdout is not None
        late = threading.Timer(self._longest_call, running.kill)
        late.daemon = True
        late.start()
        try:
            running.stdin.write(request)
            running.stdin.flush()
            answer: tuple[bool, Any] = pickle.load(running.stdout)  # noqa: S301 - our own child
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            status = _ended(running)
            if status != _ENDED_IN_ORDER:
                raise HelperDiedError(f"a helper ended with {status}") from error
            return None
        finally:
            late.cancel()
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                process.command(_MODULE),
                cwd=tempfile.gettempdir(),
                env=process.environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        return self._process


def _ended(gone: subprocess.Popen[bytes]) -> int:
    """The exit status of a process that speaks no more."""
    try:
        return gone.wait(1.0)
    except subprocess.TimeoutExpired:
        gone.kill()
        return gone.wait()


def main() -> None:
    """Answer calls until standard input closes, or nothing was asked for a while."""
    process.claim()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is for the parent
    requests, answers = _guarded_pipes()
    while _asked(requests):
        try:
            function, args, kwargs = pickle.load(requests)  # noqa: S301 - our parent
        except EOFError:
            return
        answers.write(_answer(function, args, kwargs))
        answers.flush()


def _guarded_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Our standard input and output, out of reach of anything that reads or prints."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return requests, answers


def _asked(requests: BinaryIO) -> bool:
    """Wait for the next call; False when none came for so long that it is better to go."""
    if os.name == "nt":  # pipes cannot be waited for; it stays until its parent goes
        return True
    return bool(select.select([requests], [], [], _IDLE_SECONDS)[0])


def _answer(
    function: Callable[..., object], args: tuple[object, ...], kwargs: dict[str, object]
) -> bytes:
    try:
        return pickle.dumps((True, function(*args, **kwargs)), pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        with contextlib.suppress(Exception):
            return pickle.dumps((False, error), pickle.HIGHEST_PROTOCOL)
        return pickle.dumps((False, RuntimeError(repr(error))), pickle.HIGHEST_PROTOCOL)


if __name__ == "__main__":
    main()
    os._exit(_ENDED_IN_ORDER)
