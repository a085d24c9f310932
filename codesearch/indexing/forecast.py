"""How much work an index is, before it is done: the user is told while it can still be narrowed.

Before files are parsed, their bytes are what is known of them. The figures are those of the
packaged encoder on processors like ours; docs/indexing.md says where they come from.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

from codesearch.encoder.machine import thread_count
from codesearch.paths import index_home, read_regular_file
from codesearch.settings import Settings
from codesearch.types import Ahead

_BYTES_A_TEXT = 450  # of source, for each text that is encoded
_TEXTS_A_SECOND = 50  # that one processor encodes
_INDEX_OVER_SOURCE = 3.7  # bytes on disk over bytes of source
_LEAST_READ = 200  # files read to see which share of all has text to index; up to twice as many
_TOLD_FILE = "told"  # beside the index: the user knows what is left to do


def look_ahead(root: Path, settings: Settings, sizes: Mapping[str, int]) -> Ahead | None:
    """What is left to do for the files in `sizes` (bytes by path); None if it is not much.

    Where it seems much, some files are read: pictures and archives count for nothing, and names
    do not tell all of them.
    """
    most = settings.indexing.max_file_bytes
    sizes = {path: size for path, size in sizes.items() if size <= most}
    limit = settings.indexing.warn_mb * 1_000_000
    total = sum(sizes.values())
    if not limit or total < limit:
        return None
    sample = sorted(sizes)[:: max(1, len(sizes) // _LEAST_READ)]
    kept = [path for path in sample if _has_text(root, path, most)]
    share = sum(sizes[path] for path in kept) / max(1, sum(sizes[path] for path in sample))
    ahead = Ahead(round(len(sizes) * len(kept) / len(sample)), round(total * share))
    return ahead if ahead.bytes >= limit else None


def _has_text(root: Path, path: str, most: int) -> bool:
    from codesearch.languages.skips import skip_reason

    try:
        return skip_reason(path, read_regular_file(root / path, most + 1), most) is None
    except OSError:
        return False


def cost_of(ahead: Ahead, settings: Settings) -> str:
    """What is left to do, in words: files, time and disk."""
    threads = thread_count(settings.encoder.threads)
    minutes = ahead.bytes / _BYTES_A_TEXT / _TEXTS_A_SECOND / threads / 60
    processors = f"{threads} processors" if threads > 1 else "one processor"
    return (
        f"about {ahead.files:,} files with {_in_bytes(ahead.bytes)} of source, which take about "
        f"{_in_time(minutes)} of {processors} and {_in_bytes(ahead.bytes * _INDEX_OVER_SOURCE)} "
        "of disk"
    )


def warning(name: str, ahead: Ahead, settings: Settings) -> str:
    """What the user is told of a large root called `name`, and how to have less of it."""
    return (
        f"{name} is large. Still to be embedded are {cost_of(ahead, settings)}, less where the "
        "same code was embedded before. Search by words works meanwhile. The setting "
        'indexing.ignore leaves out what is not needed: ["/*", "!/src/"] keeps only src.'
    )


def was_told(root: Path) -> bool:
    """Whether the user was told of the work that is going on in the index of `root`."""
    return (index_home(root) / _TOLD_FILE).exists()


def note_told(root: Path) -> None:
    """Remember that the user was told, until the index is complete."""
    with contextlib.suppress(OSError):  # then they are told once more, at the next start
        (index_home(root) / _TOLD_FILE).touch(mode=0o600)


def forget_told(root: Path) -> None:
    """The work that the user was told of is done."""
    with contextlib.suppress(OSError):
        (index_home(root) / _TOLD_FILE).unlink(missing_ok=True)


def _in_bytes(count: float) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{max(1, round(count / 1e6))} MB"


def _in_time(minutes: float) -> str:
    if minutes < 1.5:
        return "a minute"
    return f"{round(minutes)} minutes" if minutes < 90 else f"{minutes / 60:,.1f} hours"
