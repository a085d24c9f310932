"""Where things lie on the user's disk. Nothing is ever written inside a workspace."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import platformdirs

_APP = "codesearch"


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
    return cache_home() / "indexes" / f"{name}-{digest}"


def make_private(folder: Path) -> Path:
    """Create `folder` (and parents) readable by its owner alone, and return it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix" and folder.stat().st_mode & 0o077:
        folder.chmod(0o700)
    return folder
