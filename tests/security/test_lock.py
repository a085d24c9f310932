"""`requirements.lock` pins what pyproject.toml asks for, each package with its hashes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.indexing.helpers import commit_all, write
from tests.security.advisories import advisories, concerns
from tests.security.lock import LOCK, locked

_ADVISORY = """
id: PYSEC-1
affected:
- package: {name: Some_Thing, ecosystem: PyPI}
  ranges:
  - type: ECOSYSTEM
    events:
    - introduced: "0"
    - fixed: "1.2"
    - introduced: "2"
    - last_affected: "2.5"
  versions: ["0.9", "7"]
"""


def test_every_dependency_is_locked_within_its_bounds() -> None:
    project = tomllib.loads((LOCK.parent / "pyproject.toml").read_text("utf-8"))["project"]
    packages = locked()
    for text in project["dependencies"]:
        wanted = Requirement(text)
        pinned, _ = packages[canonicalize_name(wanted.name)]
        (version,) = pinned.specifier
        assert version.operator == "=="
        assert wanted.specifier.contains(version.version), text


def test_every_locked_package_has_hashes_and_none_names_a_host() -> None:
    for name, (_, hashes) in locked().items():
        assert re.fullmatch(r"(--hash=sha256:[0-9a-f]{64}\s*)+", hashes), name
    assert "://" not in LOCK.read_text("utf-8")


@pytest.mark.parametrize(
    ("version", "concerned"),
    [("0.1", True), ("1.2", False), ("1.9", False), ("2.0", True), ("2.5", True), ("2.5.1", False),
     ("7", True)],
)  # fmt: skip
def test_an_advisory_concerns_the_versions_it_names(
    version: str, *, concerned: bool, tmp_path: Path
) -> None:
    write(tmp_path, {"vulns/some-thing/PYSEC-1.yaml": _ADVISORY})
    commit_all(tmp_path)
    [advisory] = advisories(tmp_path, "some-thing")
    assert concerns(advisory, "some-thing", Version(version)) is concerned
    assert not concerns({**advisory, "withdrawn": "2024-01-01"}, "some-thing", Version(version))
    assert not list(advisories(tmp_path, "other"))
