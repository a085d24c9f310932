"""Places on disk: private, outside the workspace, one a real path."""

from __future__ import annotations

import stat
from pathlib import Path

from codesearch.paths import cache_home, index_home, make_private


def test_an_index_is_named_after_its_real_path(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "project")
    home = index_home(tmp_path / "project")
    assert home == index_home(tmp_path / "link")
    assert home.parent == cache_home() / "indexes"
    assert home.name.startswith("project-")
    assert index_home(tmp_path) != home


def test_private_folders_are_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True, mode=0o755)
    assert stat.S_IMODE(make_private(folder).stat().st_mode) == 0o700
