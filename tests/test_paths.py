"""Places on disk: private, outside the workspace, one a real path."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from codesearch.errors import UsageError
from codesearch.paths import (
    all_index_homes,
    cache_home,
    check_root,
    embedding_cache_files,
    index_home,
    make_private,
    replace_file,
)


def _mode(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode)


def test_an_index_is_named_after_its_real_path(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "project")
    home = index_home(tmp_path / "project")
    assert home == index_home(tmp_path / "link")
    assert home.parent == cache_home() / "indexes"
    assert home.name.startswith("project-")
    assert index_home(tmp_path) != home


def test_created_folders_are_closed_to_others(tmp_path: Path) -> None:
    folder = make_private(tmp_path / "a" / "b" / "c")
    assert [_mode(one) for one in (folder, folder.parent, folder.parent.parent)] == [0o700] * 3


def test_index_folders_are_closed_again(tmp_path: Path) -> None:
    home = index_home(tmp_path)
    home.mkdir(parents=True)
    for folder in (home, home.parent):
        folder.chmod(0o755)
    make_private(home)
    assert (_mode(home), _mode(home.parent)) == (0o700, 0o700)


def test_folders_of_others_stay_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    monkeypatch.setenv("CODESEARCH_CACHE_DIR", str(shared))
    make_private(cache_home())
    make_private(index_home(tmp_path))
    assert _mode(shared) == 0o1777
    assert _mode(shared / "indexes") == 0o700


def test_only_our_own_files_are_told(tmp_path: Path) -> None:
    ours = make_private(index_home(tmp_path))
    (cache_home() / "indexes" / "of-my-books").mkdir()
    for name in ("embeddings.db", "embeddings.db-wal", "embeddings.2.db", "embeddings.txt"):
        (cache_home() / name).touch()
    (cache_home() / "embeddings").mkdir()
    assert all_index_homes() == [ours]
    names = [file.name for file in embedding_cache_files()]
    assert names == ["embeddings.2.db", "embeddings.db", "embeddings.db-wal"]


def test_a_file_that_many_replace_at_once_is_never_half_written(tmp_path: Path) -> None:
    file = tmp_path / "meta.json"
    texts = [str(number) * 5000 for number in range(8)]

    def replace_and_read(text: str) -> str:
        replace_file(file, text)
        return file.read_text()

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(replace_and_read, texts * 40)) <= set(texts)
    assert [one.name for one in tmp_path.iterdir()] == ["meta.json"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("path", ["/", "/home", "/proc/self", "/dev/null"])
def test_what_nobody_means_to_search_is_refused(path: str) -> None:
    with pytest.raises(UsageError) as refused:
        check_root(Path(path))
    assert "Name the folder of a repository" in refused.value.remedy


def test_a_folder_may_be_searched_and_one_that_is_gone_may_come_back(tmp_path: Path) -> None:
    check_root(tmp_path)
    check_root(tmp_path / "gone")
    (tmp_path / "link").symlink_to("/")
    with pytest.raises(UsageError):
        check_root(tmp_path / "link")
