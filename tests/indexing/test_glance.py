"""Looking through the files of a repository whose index is not there yet."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from codesearch.indexing.glance import Glance
from codesearch.settings import IndexingSettings, Settings
from codesearch.store import Filters

FILES = {
    "net/retry.py": b"def again(pause):\n    # wait before the next attempt\n    sleep(pause)\n",
    "net/client.py": b"def send():\n    pass  # attempt\n",
    "docs/long.md": b"attempt " + b"word " * 2_000,
    "wide.txt": "wait, and attempt".encode("utf-16"),
    "photo.bin": b"wait attempt\0" * 10,
    "big.py": b"# wait attempt\n" * 100_000,
    ".env": b"attempt=wait",
    "broken.py": b"attempt = '\xff\xfe'\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return tmp_path


def glance(root: Path, **settings: object) -> Glance:
    return Glance(root, Settings(indexing=IndexingSettings(**settings)), lambda: False)  # type: ignore[arg-type]


def found(root: Path, *words: str, **where: tuple[str, ...]) -> list[str]:
    return list(glance(root).look(words, Filters(**where)).sources)


def test_files_that_hold_more_of_the_words_come_first(root: Path) -> None:
    assert found(root, "wait", "attempt")[:2] == ["wide.txt", "net/retry.py"]


def test_a_word_in_the_path_counts(root: Path) -> None:
    assert found(root, "retry") == ["net/retry.py"]
    assert found(root, "client", "attempt")[0] == "net/client.py"


def test_what_the_index_passes_over_is_not_looked_into(root: Path) -> None:
    paths = found(root, "attempt")
    assert not {"photo.bin", "big.py", ".env"} & set(paths)
    assert "broken.py" in paths


def test_content_is_handed_on_as_it_is(root: Path) -> None:
    sources = glance(root).look(("attempt",), Filters()).sources
    assert all(sources[path] == FILES[path] for path in sources)


def test_filters_choose_files(root: Path) -> None:
    assert set(found(root, "attempt", languages=("python",))) == {
        "net/client.py",
        "net/retry.py",
        "broken.py",
    }
    assert found(root, "attempt", paths=("docs",)) == ["docs/long.md"]
    assert "docs/long.md" not in found(root, "attempt", exclude_paths=("docs",))


def test_rarer_words_weigh_more(root: Path) -> None:
    rarity = glance(root).look(("wait", "attempt", "nowhere"), Filters()).rarity
    assert rarity["nowhere"] > rarity["wait"] > rarity["attempt"]


def test_it_says_how_far_it_came(root: Path) -> None:
    glimpse = glance(root).look(("attempt",), Filters())
    assert glimpse.looked_at == glimpse.files == len(FILES) - 1  # not the secrets
    stop = threading.Event()
    stop.set()
    assert glance(root).look(("attempt",), Filters(), stop).looked_at == 0


def test_a_file_that_went_is_no_error(root: Path) -> None:
    looking = glance(root)
    looking.look(("attempt",), Filters())
    (root / "net/client.py").unlink()
    (root / "net/retry.py").unlink()
    (root / "net/retry.py").symlink_to("/etc/passwd")
    sources = looking.look(("attempt", "root"), Filters()).sources
    assert not any(sources.get(path) for path in ("net/client.py", "net/retry.py"))


def test_it_ends_with_the_first_complete_reading(root: Path) -> None:
    read = False
    looking = Glance(root, Settings(), lambda: read)
    assert not looking.over
    read = True
    assert looking.over
    read = False
    assert looking.over
