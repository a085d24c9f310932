"""Whether an advisory concerns a locked package, where no vulnerability service can be reached.

`python -m tests.security.advisories CLONE` looks into a clone of PyPA's advisory-database. The
exit status is 1 if one does. It knows what the clone knows: `pip-audit` asks for today's.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from packaging.version import Version

from tests.security.lock import locked


def advisories(clone: Path, name: str) -> Iterator[dict[str, Any]]:
    """What the newest commit of the database says of one package (its canonical name)."""
    files = _git(clone, "ls-tree", "-r", "--name-only", "HEAD", f"vulns/{name}/").split()
    for file in files:
        yield yaml.safe_load(_git(clone, "show", f"HEAD:{file}"))


def concerns(advisory: dict[str, Any], name: str, version: Version) -> bool:
    """Whether a version of a package is among those that it speaks of."""
    if advisory.get("withdrawn"):
        return False
    return any(
        str(version) in entry.get("versions", ())
        or any(_holds(one["events"], version) for one in _ranges(entry))
        for entry in advisory["affected"]
        if entry["package"]["name"].lower().replace("_", "-") == name
    )


def _ranges(entry: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in entry.get("ranges", ()) if one["type"] == "ECOSYSTEM"]


def _holds(events: list[dict[str, str]], version: Version) -> bool:
    """The events of a range, in their order: it begins, and ends, and may begin again."""
    inside = False
    for event in events:
        [(kind, value)] = event.items()
        bound = Version(value)
        if kind == "introduced":
            inside = inside or version >= bound
        elif version > bound or (kind == "fixed" and version == bound):
            inside = False
    return inside


def _git(clone: Path, *arguments: str) -> str:
    command = ["git", "-C", str(clone), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main() -> int:
    """Look up every locked package, and say what concerns one."""
    clone, told, found = Path(sys.argv[1]), 0, 0
    packages = locked()
    for name, (requirement, _) in packages.items():
        [pinned] = requirement.specifier
        for advisory in advisories(clone, name):
            told += 1
            if concerns(advisory, name, Version(pinned.version)):
                found += 1
                print(f"{name} {pinned.version}: {advisory['id']}")
    made = _git(clone, "log", "-1", "--format=%cs").strip()
    print(f"{len(packages)} packages, {told} advisories until {made}: {found} concern a locked one")
    return min(found, 1)


if __name__ == "__main__":
    sys.exit(main())
