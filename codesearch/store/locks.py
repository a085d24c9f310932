"""A lock between processes that the kernel lets go of when its holder dies."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from codesearch.errors import StoreError

_POLL_SECONDS = 0.05

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

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        # flock belongs to the open file, so two locks of one process exclude each other.
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


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
            os.ftruncate(descriptor, 0)
            os.close(descriptor)  # the kernel unlocks with the last close

    def _try(self) -> bool:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreError(
                f"cannot lock {self._path}: {error.strerror}",
                "Make the folder writable, or set CODESEARCH_CACHE_DIR to one that is.",
            ) from error
        if not _try_lock(descriptor) or not self._still_there(descriptor):
            os.close(descriptor)
            return False
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, str(os.getpid()).encode())
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


def holder_pid(path: Path) -> int | None:
    """The process that holds the lock at `path`, for information: it may change any moment."""
    try:
        pid = int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return pid if psutil.pid_exists(pid) else None
