"""What of this machine an encoder may use: threads, number formats, memory behaviour."""

from __future__ import annotations

import math
import os
import platform
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")
_CPUINFO = Path("/proc/cpuinfo")

# Formats that the processor computes in, as /proc/cpuinfo names them: x86, then Arm.
_BF16_FLAGS = frozenset({"avx512_bf16", "amx_bf16", "bf16"})


def worker_environment() -> dict[str, str]:
    """Variables that a process that encodes should be started with.

    They cannot be set from inside: glibc reads its own when a process starts. By default it
    hands every big buffer back to the kernel, which costs up to 39 % of the time here.
    """
    return {
        "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
        "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
        "TOKENIZERS_PARALLELISM": "false",
    }


def thread_count(wanted: int = 0) -> int:
    """Threads to compute with: `wanted`, or (0) what affinity and the cgroup give."""
    if wanted > 0:
        return wanted
    if hasattr(os, "sched_getaffinity"):
        available = len(os.sched_getaffinity(0))
    else:
        available = os.cpu_count() or 1
    quota = _cgroup_cpus(_CGROUP)
    return max(1, available if quota is None else min(available, math.ceil(quota)))


def _cgroup_cpus(root: Path) -> float | None:
    """The quota of processors of version 2 or 1 control groups; None if there is none."""
    try:
        quota, period = (root / "cpu.max").read_text(encoding="ascii").split()
    except (OSError, ValueError):
        try:
            quota = (root / "cpu/cpu.cfs_quota_us").read_text(encoding="ascii")
            period = (root / "cpu/cpu.cfs_period_us").read_text(encoding="ascii")
        except OSError:
            return None
    try:
        cpus = int(quota) / int(period)
    except (ValueError, ZeroDivisionError):  # "max": no quota
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
