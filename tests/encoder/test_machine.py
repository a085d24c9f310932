"""Threads and number formats."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from codesearch.encoder import machine


def group(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


def test_threads_as_set_unless_there_are_fewer(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.setattr(machine, "cgroup_cpus", lambda: 4)
    assert machine.thread_count(3) == 3
    assert machine.thread_count(64) == 4


def test_threads_are_bounded_by_affinity_and_group(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.setattr(machine, "cgroup_cpus", lambda: 2)
    assert machine.thread_count() == 2
    monkeypatch.setattr(machine, "cgroup_cpus", lambda: 64)
    assert machine.thread_count() == 8
    monkeypatch.setattr(machine, "cgroup_cpus", lambda: None)
    assert machine.thread_count() == 8


@pytest.mark.parametrize(("text", "cpus"), [("150000 100000\n", 2), ("max 100000\n", None)])
def test_version_2_quota(tmp_path: Path, text: str, cpus: int | None):
    root = group(tmp_path / "cgroup", cpu__max=text)
    assert machine.cgroup_cpus(root, tmp_path / "none") == cpus


@pytest.mark.parametrize(("quota", "cpus"), [("50000", 1), ("-1", None), ("junk", None)])
def test_version_1_quota(tmp_path: Path, quota: str, cpus: int | None):
    root = tmp_path / "cgroup"
    group(root / "cpu", cpu__cfs_quota_us=quota, cpu__cfs_period_us="100000")
    assert machine.cgroup_cpus(root, tmp_path / "none") == cpus


def test_the_smallest_quota_of_the_own_group_and_those_above(tmp_path: Path):
    root = tmp_path / "cgroup"
    group(root / "user.slice", cpu__max="300000 100000")
    group(root / "user.slice" / "me", cpu__max="max 100000")
    own = tmp_path / "own"
    own.write_text("0::/user.slice/me\n")
    assert machine.cgroup_cpus(root, own) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("flags\t\t: fpu avx512f avx512_bf16 amx_tile\n", True),
        ("Features\t: fp asimd bf16 i8mm\n", True),
        ("flags\t\t: fpu avx2 avx512f\n", False),
        ("", False),
    ],
)
def test_bf16_by_instructions(tmp_path: Path, text: str, expected: bool, monkeypatch):
    monkeypatch.setattr(machine.platform, "system", lambda: "Linux")
    (tmp_path / "cpuinfo").write_text(f"processor : 0\n{text}")
    assert machine.computes_bf16(tmp_path / "cpuinfo") is expected


def test_no_bf16_where_nothing_is_known(tmp_path: Path):
    assert machine.computes_bf16(tmp_path / "absent") is False


def test_worker_environment_keeps_memory():
    environment = machine.worker_environment()
    assert int(environment["MALLOC_MMAP_THRESHOLD_"]) >= 1 << 28
    assert int(environment["MALLOC_TRIM_THRESHOLD_"]) >= 1 << 28
    assert int(environment["MALLOC_ARENA_MAX"]) <= 2  # each keeps what was its peak
