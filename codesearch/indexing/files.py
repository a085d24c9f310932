"""Opening files of a repository that nobody vouches for."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def read_regular_file(path: Path, limit: int) -> bytes:
    """At most `limit` bytes of `path`, which is neither followed nor waited for.

    Whatever the path was when it was listed, it may be a FIFO, a device or a link out of the
    repository by now. Raises OSError for those and for what cannot be read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(f"{path} is not a regular file")
        # Memory is taken for as much as is asked for, whatever comes.
        return file.read(min(limit, facts.st_size + 1))
