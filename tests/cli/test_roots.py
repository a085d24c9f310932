"""Which root a command means, and to what the answer is narrowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesearch.cli.roots import Scope, scope_of
from codesearch.paths import index_home
from codesearch.store.filters import glob_pattern


@pytest.fixture
def indexed(tmp_path: Path) -> Path:
    root = tmp_path / "work"
    (root / "src" / "a[1]{b}").mkdir(parents=True)
    (root / "src" / "a[1]{b}" / "it,s*.py").write_text("x = 1\n")
    (root / "a.py").write_text("x = 1\n")
    home = index_home(root)
    home.mkdir(parents=True)
    (home / "meta.json").write_text("{}")
    return root


def test_the_root_itself(indexed: Path) -> None:
    assert scope_of(str(indexed)) == Scope(indexed)


@pytest.mark.parametrize("inside", ["src", "src/a[1]{b}", "src/a[1]{b}/it,s*.py", "a.py"])
def test_what_lies_inside_narrows_to_itself_alone(indexed: Path, inside: str) -> None:
    scope = scope_of(str(indexed / inside))
    assert scope.root == indexed
    (pattern,) = map(glob_pattern, scope.paths)
    assert pattern.search(inside)
    assert not pattern.search("lib/a.py")
    assert not pattern.search("src2/x.py")
