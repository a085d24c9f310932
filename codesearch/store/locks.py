"""A lock between processes that the kernel lets go of when its holder dies."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from codesearch.errors import StoreError
from codesearch.paths import make_private

_POLL_SECONDS = 0.05
# What network folders without locks answer.
_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP})

if sys.platform == "win32":
    import msvcrt

    # Locked bytes cannot be read by others on Windows: lock one far behind the holder's id.
    _LOCKED_BYTE = 1 << 30

    def _try_lock(descriptor: int) -> bool:
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _is_locked(descriptor: int) -> bool:
        if not _try_lock(descriptor):
            return True
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
        return False

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        # flock belongs to the open file, so two locks of one process exclude each other.
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _is_locked(descriptor: int) -> bool:
        # Shared, so that two who ask at once do not see one another.
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False  # closing the descriptor lets go


class ProcessLock:
    """Exclusive among all `ProcessLock`s of one path, in this process and in others.

    Children do not inherit it (Python's descriptors are closed on exec), and it is gone with
    its process however that ends. One instance is for one thread at a time.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether this very instance holds the lock."""
        return self._descriptor is not None

    def acquire(self, timeout: float | None = 0.0) -> bool:
        """Take the lock, waiting `timeout` seconds at most (None: for ever, 0: not at all).

        True when held, also if it was held before. StoreError if the file cannot be made.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self.held and not self._try():
            if deadline is not None and time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True

    def release(self) -> None:
        """Let go of the lock; does nothing when it is not held."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            _note_holder(descriptor, "")
            os.close(descriptor)  # the kernel unlocks with the last close

    def _try(self) -> bool:
        try:
            make_private(self._path.parent)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                taken = _try_lock(descriptor) and self._still_there(descriptor)
            except OSError:  # a file system without locks
                os.close(descriptor)
                raise
        except OSError as error:
            remedy = "Make the folder writable, or set CODESEARCH_CACHE_DIR to one that is."
            if error.errno in _NO_LOCKS:
                remedy = "Its file system has no locks: set CODESEARCH_CACHE_DIR to a local folder."
            raise StoreError(f"cannot lock {self._path}: {error.strerror}", remedy) from error
        if not taken:
            os.close(descriptor)
            return False
        _note_holder(descriptor, str(os.getpid()))
        self._descriptor = descriptor
        return True

    def _still_there(self, descriptor: int) -> bool:
        """Whether the locked file is the one others would open: `clean` may have removed it."""
        try:
            return os.path.samestat(os.fstat(descriptor), self._path.stat())
        except FileNotFoundError:
            return False

    def __enter__(self) -> Self:
        self.acquire(timeout=None)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def _note_holder(descriptor: int, text: str) -> None:
    """Write who holds the lock. That is information only: a full disk does not undo the lock."""
    with contextlib.suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, text.encode())


def holder_pid(path: Path) -> int | None:
    """The process that holds the lock at `path`, for information: it may change any moment."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return None
    try:
        pid = int(os.read(descriptor, 32))
        # A holder that was killed leaves its number behind, and another process may get it.
        return pid if psutil.pid_exists(pid) and _is_locked(descriptor) else None
    except (OSError, ValueError, OverflowError):
        return None
    finally:
        os.close(descriptor)
