"""The borders between rooms, read from the imports themselves (docs/architecture.md)."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "codesearch"

# room -> rooms it may import; leaf modules may be imported by all.
ALLOWED = {
    "languages": set(),
    "encoder": set(),
    "store": set(),
    "indexing": {"languages", "encoder", "store"},
    "search": {"languages", "encoder", "store"},
    "evaluation": {"indexing", "search", "languages", "encoder"},
    "server": {"indexing", "search", "languages"},
    "cli": {"evaluation", "indexing", "search", "server", "languages", "encoder"},
}
OWNERS = {
    "pygls": "server",
    "lsprotocol": "server",
    "lancedb": "store",
    "torch": "encoder",
    "transformers": "encoder",
    "tree_sitter": "languages",
}


def _imports(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_imports_point_one_way(file: Path) -> None:
    room = file.relative_to(PACKAGE).parts[0]
    for name in _imports(file):
        parts = name.split(".")
        if parts[0] in OWNERS:
            assert OWNERS[parts[0]] == room, f"{name} belongs in {OWNERS[parts[0]]}/"
        if parts[0] == "codesearch" and len(parts) > 1 and parts[1] in ALLOWED and room in ALLOWED:
            assert parts[1] == room or parts[1] in ALLOWED[room], f"{room} imports {name}"


@pytest.mark.parametrize("room", ["", *(f".{room}" for room in ALLOWED), ".cli.main"])
def test_importing_a_room_is_light(room: str) -> None:
    heavy = "{'torch', 'transformers', 'lancedb', 'pyarrow'}"
    code = f"import sys, codesearch{room}; print(*({heavy} & set(sys.modules)))"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not answer.stdout.strip()


def test_a_command_that_may_find_nothing_changed_is_lighter() -> None:
    code = "import sys, codesearch.cli.warmup; print(*({'numpy', 'rich'} & set(sys.modules)))"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not answer.stdout.strip()
