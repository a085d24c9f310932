"""Disks that are full: a small one of its own where that may be mounted, else a bound on files."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Disk:
    """A folder that can be filled up to the last byte, and emptied."""

    def __init__(self, folder: Path, *, mounted: bool) -> None:
        self.folder = folder
        self.mounted = mounted
        self._ballast = folder / "ballast"
        self._before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def leave(self, size: int) -> None:
        """Have room for `size` bytes; where nothing may be mounted, for files of that size."""
        if not self.mounted:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, self._before[1]))
            return
        self._ballast.unlink(missing_ok=True)
        with self._ballast.open("wb", buffering=0) as ballast:
            try:
                while ballast.write(bytes(1 << 16)):
                    pass
            except OSError:  # full
                ballast.truncate(max(0, ballast.tell() - size))

    def free(self) -> None:
        """Have room again."""
        resource.setrlimit(resource.RLIMIT_FSIZE, self._before)
        self._ballast.unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path, megabytes: int = 24) -> Iterator[Disk]:
    """A disk of its own at `folder`, gone at the end."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "none", str(folder)]
    mounted = subprocess.run(mount, check=False, capture_output=True).returncode == 0
    disk = Disk(folder, mounted=mounted)
    try:
        yield disk
    finally:
        disk.free()
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
