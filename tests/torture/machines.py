"""Machines that lack something, for a process and its children."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence

_LESS_MEMORY = """
import os, resource, sys
most = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_AS, (most, most))
os.execv(sys.argv[2], sys.argv[2:])
"""
# In a user's own namespace nobody's rights are needed, and nobody else's limits are changed.
_POOR = """
mount -t tmpfs -o ro,size=4k none /dev/shm
echo 3 > /proc/sys/user/max_inotify_watches
exec "$@"
"""


def with_less_memory(command: Sequence[str], most: int) -> list[str]:
    """The command, with `most` bytes of addresses."""
    return [sys.executable, "-c", _LESS_MEMORY, str(most), *command]


def in_a_poor_container(command: Sequence[str]) -> list[str] | None:
    """The command, without shared memory and with three watches; None where that is not to be."""
    inside = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec", _POOR, "sh"]
    if shutil.which("unshare") is None:
        return None
    tried = subprocess.run([*inside, "true"], check=False, capture_output=True)
    return [*inside, *command] if tried.returncode == 0 else None
