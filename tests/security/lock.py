"""What `requirements.lock` pins."""

from __future__ import annotations

from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCK = Path(__file__).parents[2] / "requirements.lock"


def locked() -> dict[str, tuple[Requirement, str]]:
    """Of each locked package its line, and the hashes that follow it up to the next."""
    text = LOCK.read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    split = [line.partition("--hash=") for line in lines]
    found = [(Requirement(name.strip()), mark + hashes) for name, mark, hashes in split]
    return {canonicalize_name(one.name): (one, hashes) for one, hashes in found}
