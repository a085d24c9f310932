"""Wheels to install from without a network and in seconds, and a Python to install them with.

A wheel of each package that codesearch needs, with the metadata of the installed one, so that pip
and uv resolve and install as ever; instead of a gigabyte of modules, one of them holds a line that
lets a new environment see those that are installed here.
"""

from __future__ import annotations

import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Iterable
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[3]
SHOWS_THE_REST = "numpy"


def wheel_folder(folder: Path) -> Path:
    """Write the wheels of everything that codesearch needs, and nothing of its own."""
    folder.mkdir(parents=True)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for package in _needed(project["dependencies"]):
        _write_wheel(folder, package)
    return folder


def python_names(folder: Path) -> Path:
    """A folder for PATH in which every usual name of Python is the one that runs the tests."""
    folder.mkdir(parents=True)
    base = Path(sys.base_prefix, "bin", "python3")  # uv makes nothing with a virtual environment's
    for name in ("python", "python3", "python3.11", "python3.12", "python3.13"):
        program = folder / name
        program.write_text(f'#!/bin/sh\nexec "{base}" "$@"\n')
        program.chmod(0o755)
    return folder


def _needed(requirements: Iterable[str]) -> list[Distribution]:
    """The installed packages that meet requirements, and theirs in turn."""
    found: dict[str, Distribution] = {}
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in found:
            continue
        found[name] = distribution(name)
        extras = ["", *requirement.extras]
        for text in found[name].requires or []:
            needed = Requirement(text)
            if needed.marker is None or any(needed.marker.evaluate({"extra": e}) for e in extras):
                waiting.append(needed)
    return list(found.values())


def _write_wheel(folder: Path, package: Distribution) -> None:
    name = package.name.replace("-", "_").replace(".", "_")
    stem = f"{name}-{package.version}"
    files = {
        f"{stem}.dist-info/METADATA": package.read_text("METADATA") or "",
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    if package.name == SHOWS_THE_REST:
        files["installed_elsewhere.pth"] = sysconfig.get_path("purelib") + "\n"
    record = "".join(f"{file},,\n" for file in [*files, f"{stem}.dist-info/RECORD"])
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as wheel:
        for file, text in {**files, f"{stem}.dist-info/RECORD": record}.items():
            wheel.writestr(file, text)
