"""What of this machine an encoder may use: threads, number formats, memory behaviour."""

from __future__ import annotations

import math
import os
import platform
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")
_OWN_CGROUP = Path("/proc/self/cgroup")
_CPUINFO = Path("/proc/cpuinfo")

# Formats that the processor computes in, as /proc/cpuinfo names them: x86, then Arm.
_BF16_FLAGS = frozenset({"avx512_bf16", "amx_bf16", "bf16"})


def worker_environment() -> dict[str, str]:
    """Variables that a process that encodes should be started with.

    They cannot be set from inside: glibc reads its own when a process starts. By default it
    hands every big buffer back to the kernel and asks for it again with the next batch. What is
    kept instead is kept for each of its arenas, so there are few: with eight a processor, the
    table's threads kept 650 MB more between them over an index of 100,000 files.
    """
    return {
        "MALLOC_ARENA_MAX": "2",
        "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
        "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
        "TOKENIZERS_PARALLELISM": "false",
    }


def thread_count(wanted: int = 0) -> int:
    """Threads to compute with: what affinity and the cgroup give, or `wanted` if that is less.

    More would take turns on the same processors. 0 wants all of them.
    """
    if hasattr(os, "sched_getaffinity"):
        available = len(os.sched_getaffinity(0))
    else:
        available = os.cpu_count() or 1
    granted = min(available, cgroup_cpus() or available)
    return max(1, min(granted, wanted or granted))


def cgroup_cpus(root: Path = _CGROUP, own: Path = _OWN_CGROUP) -> int | None:
    """Processors that this process's control groups (version 2 or 1) grant; None: no limit."""
    try:
        lines = own.read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    quotas = [_quota(root), _quota(root / "cpu")]
    for line in lines:  # 0::/path in version 2, 4:cpu,cpuacct:/path in version 1
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if not controllers or "cpu" in controllers.split(","):
            group = (root / "cpu" if controllers else root) / path.lstrip("/")
            quotas += [
                _quota(folder) for folder in (group, *group.parents) if root in folder.parents
            ]
    return min((math.ceil(quota) for quota in quotas if quota), default=None)


def _quota(group: Path) -> float | None:
    """Processors granted by the files of one control group; None if they say nothing."""
    try:
        if (group / "cpu.max").exists():
            quota, period = (group / "cpu.max").read_text(encoding="ascii").split()
        else:
            quota = (group / "cpu.cfs_quota_us").read_text(encoding="ascii")
            period = (group / "cpu.cfs_period_us").read_text(encoding="ascii")
        cpus = int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):  # "max" and -1: no quota
        return None
    return cpus if cpus > 0 else None


def computes_bf16(cpuinfo: Path = _CPUINFO) -> bool:
    """Whether the processor has instructions for bfloat16, rather than an emulation."""
    if platform.system() != "Linux":
        return False
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    flags = next((line for line in lines if line.lower().startswith(("flags", "features"))), "")
    return not _BF16_FLAGS.isdisjoint(flags.partition(":")[2].split())
