"""Where things lie on the user's disk. Nothing is ever written inside a workspace."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
import tempfile
from pathlib import Path

import platformdirs

from codesearch.errors import UsageError

_APP = "codesearch"
_INDEXES = "indexes"
_INDEX_NAME = re.compile(r"-[0-9a-f]{16}$")
_EVERYTHING = {Path("/home"), Path("/Users"), Path("/dev")}
_KERNEL = (Path("/proc"), Path("/sys"))
_EMBEDDINGS_NAME = re.compile(r"embeddings(\.\d+)?\.db(-wal|-shm|-journal)?")


def cache_home() -> Path:
    """The private folder of all indexes and of the embedding cache.

    `CODESEARCH_CACHE_DIR` moves it. The folder is not created here.
    """
    override = os.environ.get("CODESEARCH_CACHE_DIR")
    return Path(override) if override else Path(platformdirs.user_cache_dir(_APP, appauthor=False))


def user_settings_file() -> Path:
    """The user's own settings; `CODESEARCH_CONFIG` names another file."""
    override = os.environ.get("CODESEARCH_CONFIG")
    if override:
        return Path(override)
    return Path(platformdirs.user_config_dir(_APP, appauthor=False)) / "config.toml"


def embedding_cache_file() -> Path:
    """The vectors shared by all repositories of this user."""
    return cache_home() / "embeddings.db"


def index_home(root: Path) -> Path:
    """The folder of one root's index: a readable name and a hash of the real path."""
    real = os.path.realpath(root)
    digest = hashlib.blake2b(os.fsencode(real), digest_size=8).hexdigest()
    name = re.sub(r"[^\w.-]", "_", Path(real).name or "root")[:40]
    return cache_home() / _INDEXES / f"{name}-{digest}"


def check_root(root: Path) -> None:
    """Refuse what nobody means to search. A folder that is gone may come back, and is accepted.

    Raises:
        UsageError: `root` is no folder, or one that holds the system or everybody's files:
            a watch on all of that takes the system's watches and memory, and never ends.
    """
    real = Path(os.path.realpath(root))
    if real.exists() and not real.is_dir():
        raise UsageError(f"{root} is not a folder", "Name the folder of a repository.")
    kernel = any(real.is_relative_to(one) for one in _KERNEL)
    if kernel or real in _EVERYTHING or real == real.parent:
        raise UsageError(
            f"{root} is too much to be searched", "Name the folder of a repository in it."
        )


def evaluation_home() -> Path:
    """Where `codesearch eval` works; there only while it does."""
    return cache_home() / "evaluation"


def logs_home() -> Path:
    """Where servers keep their logs."""
    return cache_home() / "logs"


def all_index_homes() -> list[Path]:
    """The folders of all indexes there are, whole or not; nothing else that lies there."""
    folders = (cache_home() / _INDEXES).glob("*")
    return sorted(one for one in folders if _INDEX_NAME.search(one.name) and one.is_dir())


def embedding_cache_files() -> list[Path]:
    """The embedding cache as it lies on disk: each generation and SQLite's files beside it."""
    files = cache_home().glob(f"{embedding_cache_file().stem}.*")
    return sorted(file for file in files if _EMBEDDINGS_NAME.fullmatch(file.name))


def make_private(folder: Path) -> Path:
    """Create `folder`, and the parents it lacks, for their owner alone, and return it.

    Of folders that were there before, only those of indexes are closed to others: the rest,
    the cache's own folder among them, may be shared on purpose.
    """
    indexes = cache_home() / _INDEXES
    for one in (*reversed(folder.parents), folder):
        if not one.is_dir():
            one.mkdir(mode=0o700, exist_ok=True)
        elif one.is_relative_to(indexes) and os.name == "posix" and one.stat().st_mode & 0o077:
            one.chmod(0o700)
    return folder


def read_regular_file(path: str | Path, limit: int, *, follow: bool = False) -> bytes:
    """At most `limit` bytes of a file that nobody vouches for; it is never waited for.

    Whatever `path` was when it was listed, it may be a FIFO, a device or a link out of the
    repository by now. Raises OSError for those and for what cannot be read. With `follow`, a
    link is as good as the regular file it leads to.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)
    descriptor = os.open(path, flags)
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(f"{path} is not a regular file")
        # Memory is taken for as much as is asked for, whatever comes.
        return file.read(min(limit, facts.st_size + 1))


def replace_file(path: Path, text: str, *, durable: bool = False) -> None:
    """Write `path` so that a reader sees the old or the new text, never a part.

    Several processes, and several threads of one, may do so at once: each has a temporary file of
    its own. With `durable`, the text is on the disk before it takes the old one's place. Readable
    by its owner alone. Raises OSError, and leaves the old text.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            if durable:
                os.fsync(descriptor)
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
