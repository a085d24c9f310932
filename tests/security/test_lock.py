"""`requirements.lock` pins what pyproject.toml asks for, each package with its hashes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]


def _locked() -> dict[str, tuple[Requirement, str]]:
    """Of each locked package its line, and what follows up to the next."""
    text = (ROOT / "requirements.lock").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    split = [line.partition("--hash=") for line in lines]
    found = [(Requirement(name.strip()), mark + hashes) for name, mark, hashes in split]
    return {canonicalize_name(one.name): (one, hashes) for one, hashes in found}


def test_every_dependency_is_locked_within_its_bounds() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    locked = _locked()
    for text in project["dependencies"]:
        wanted = Requirement(text)
        pinned, _ = locked[canonicalize_name(wanted.name)]
        (version,) = pinned.specifier
        assert version.operator == "=="
        assert wanted.specifier.contains(version.version), text


def test_every_locked_package_has_hashes_and_none_names_a_host() -> None:
    for name, (_, hashes) in _locked().items():
        assert re.fullmatch(r"(--hash=sha256:[0-9a-f]{64}\s*)+", hashes), name
    assert "://" not in (ROOT / "requirements.lock").read_text("utf-8")
