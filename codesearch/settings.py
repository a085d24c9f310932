"""Settings: defaults, then the user's file, then the project's, then the client's.

A bad value never stops the program: it is reported and the value below it stays. A project's
file comes with code that the user may not trust, so it can only change what is harmless.
"""

from __future__ import annotations

import dataclasses
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cattrs

from codesearch.paths import read_regular_file, user_settings_file

PROJECT_FILE = ".codesearch.toml"
_MOST_BYTES = 1_000_000  # of a settings file

# What a repository may set about itself: nothing that loads code, spends the user's
# disk, or makes secrets searchable.
_PROJECT_MAY_SET = {
    "indexing": {"ignore", "max_file_bytes"},
    "search": {"limit"},
}


# Values that make sense: the least and the most of a number, or what a text may look like.
_RANGES: dict[tuple[str, str], tuple[float, float]] = {
    ("encoder", "max_tokens"): (32, 1_000_000),
    ("encoder", "dimension"): (1, 100_000),
    ("encoder", "threads"): (0, 1024),
    ("encoder", "batch_tokens"): (16, 10_000_000),
    ("encoder", "cache_mb"): (0, 10_000_000),
    ("indexing", "max_file_bytes"): (1, 100_000_000),
    ("indexing", "parse_seconds"): (0.01, 600),
    ("indexing", "debounce_ms"): (0, 60_000),
    ("indexing", "rescan_seconds"): (1, 30 * 86_400),
    ("indexing", "worker_idle_seconds"): (0, 30 * 86_400),
    ("indexing", "nice"): (0, 19),
    ("indexing", "memory_mb"): (100, 10_000_000),
    ("indexing", "warn_mb"): (0, 10_000_000),
    ("search", "limit"): (1, 1000),
    ("search", "snippet_lines"): (0, 1000),
    ("duplicates", "threshold"): (0.5, 1),
}
_WORDINGS: dict[tuple[str, str], tuple[str, str]] = {
    ("encoder", "device"): (r"auto|cpu|cuda(:\d+)?|mps", "auto, cpu, cuda, cuda:N or mps"),
    ("encoder", "pooling"): (r"mean|cls|last", "mean, cls or last"),
}


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """Which encoder, and how much of the machine it may use."""

    name: str | None = None  # None: the packaged encoder; else a folder or a hub name
    pooling: str | None = None  # "mean", "cls" or "last"; None: as the encoder's files say
    query_prefix: str | None = None
    document_prefix: str | None = None
    max_tokens: int | None = None
    dimension: int | None = None  # truncate vectors (Matryoshka encoders)
    device: str = "auto"  # "auto", "cpu", "cuda", "cuda:N", "mps"
    threads: int = 0  # at most, and for 0 exactly, what the machine and its cgroup give
    batch_tokens: int = 4096  # padded tokens a batch
    allow_remote_code: bool = False
    allow_download: bool = False
    cache_mb: int = 2048  # bound of the embedding cache; 0 turns it off


@dataclass(frozen=True, slots=True)
class IndexingSettings:
    """What is indexed, and how the background work behaves."""

    ignore: tuple[str, ...] = ()  # further patterns, .gitignore syntax
    max_file_bytes: int = 1_000_000
    parse_seconds: float = 5.0  # a file that takes longer is indexed as text
    include_secrets: bool = False
    debounce_ms: int = 150  # quiet time before changes are read
    rescan_seconds: float = 300.0  # covers events that the system lost
    worker_idle_seconds: float = 300.0  # the worker process ends after this
    nice: int = 10
    warn_mb: float = 25  # of source still to be embedded: the user is told; 0: never
    memory_mb: int = 1200  # of the worker: helpers are planned by it, and beyond it another goes on


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """Defaults of a query."""

    limit: int = 20
    snippet_lines: int = 12


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What editors are offered."""

    code_lens: bool = False


@dataclass(frozen=True, slots=True)
class DuplicatesSettings:
    """Diagnostics on functions that nearly exist a second time."""

    enabled: bool = False
    threshold: float = 0.85  # of their code that two functions share; docs/search.md says why


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one root."""

    encoder: EncoderSettings = field(default_factory=EncoderSettings)
    indexing: IndexingSettings = field(default_factory=IndexingSettings)
    search: SearchSettings = field(default_factory=SearchSettings)
    server: ServerSettings = field(default_factory=ServerSettings)
    duplicates: DuplicatesSettings = field(default_factory=DuplicatesSettings)


def load_settings(
    root: Path | None = None, client: Mapping[str, Any] | None = None
) -> tuple[Settings, list[str]]:
    """Settings for `root` and, for the user, a message for every value that was passed over."""
    problems: list[str] = []
    user = _read(user_settings_file(), problems, follow=True)
    settings = _merged(Settings(), user, "user settings", problems)
    if root is not None:
        values = _read(root / PROJECT_FILE, problems)
        harmless = _harmless(values, settings, problems)
        settings = _merged(settings, harmless, PROJECT_FILE, problems)
    return _merged(settings, client or {}, "client settings", problems), problems


def _read(path: Path, problems: list[str], *, follow: bool = False) -> Mapping[str, Any]:
    """The values in a file. A project's may be no link: it could lead anywhere, to a device."""
    try:
        text = read_regular_file(path, _MOST_BYTES, follow=follow)
        return tomllib.loads(text.decode())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        problems.append(f"{path}: not read: {error}")
        return {}


def _harmless(
    values: Mapping[str, Any], settings: Settings, problems: list[str]
) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = {}
    for group, entries in values.items():
        if not isinstance(entries, Mapping):
            problems.append(f"{PROJECT_FILE}: {group} is not a table of settings")
            continue
        for key, value in entries.items():
            objection = _objection(group, key, value, settings)
            if objection:
                problems.append(f"{PROJECT_FILE}: {group}.{key} {objection}")
            else:
                kept.setdefault(group, {})[key] = value
    return kept


def _objection(group: str, key: str, value: Any, settings: Settings) -> str | None:
    """Why a project may not set this, where `settings` are the user's."""
    if key not in _PROJECT_MAY_SET.get(group, set()):
        return "can only be set by the user"
    most = settings.indexing.max_file_bytes
    if key == "max_file_bytes" and isinstance(value, (int, float)) and value > most:
        return f"can only be raised above {most} by the user"
    return None


def _merged(
    settings: Settings, values: Mapping[str, Any], source: str, problems: list[str]
) -> Settings:
    for group, entries in values.items():
        current = getattr(settings, group, None) if group in Settings.__slots__ else None
        if current is None or not isinstance(entries, Mapping):
            problems.append(f"{source}: unknown setting {group}")
            continue
        changes = _valid(group, current, entries, source, problems)
        settings = dataclasses.replace(settings, **{group: dataclasses.replace(current, **changes)})
    return settings


def _valid(
    group: str, current: Any, entries: Mapping[str, Any], source: str, problems: list[str]
) -> dict[str, Any]:
    label = f"{source}: {group}"
    types = {f.name: f.type for f in dataclasses.fields(current)}
    changes: dict[str, Any] = {}
    for key, value in entries.items():
        if key not in types:
            problems.append(f"{label}.{key}: unknown setting")
            continue
        try:
            one = cattrs.structure({key: _strict(value, getattr(current, key))}, type(current))
            _check(group, key, getattr(one, key))
            changes[key] = getattr(one, key)
        except Exception as error:  # cattrs wraps whatever a bad value raised
            detail = cattrs.transform_error(error)
            problems.append(f"{label}.{key}: {value!r} not used: {'; '.join(detail)}")
    return changes


def _strict(value: Any, default: Any) -> Any:
    """Refuse what cattrs would bend into shape: text for a number, a number for a switch."""
    if isinstance(default, bool) != isinstance(value, bool) and default is not None:
        raise TypeError(f"expected {type(default).__name__}")
    if isinstance(default, (int, float)) and not isinstance(value, (int, float)):
        raise TypeError("expected a number")
    if isinstance(default, str) and not isinstance(value, str):
        raise TypeError("expected text")
    if isinstance(default, tuple) and not isinstance(value, (list, tuple)):
        raise TypeError("expected a list of text")
    return value


def _check(group: str, key: str, value: Any) -> None:
    """Refuse a value of the right type that makes no sense; ValueError says what does."""
    if value is None:
        return
    least, most = _RANGES.get((group, key), (-math.inf, math.inf))
    if (group, key) in _RANGES and not least <= value <= most:  # and so no NaN either
        raise ValueError(f"expected a number from {least} to {most}")
    pattern, wording = _WORDINGS.get((group, key), ("", ""))
    if pattern and not re.fullmatch(pattern, value):
        raise ValueError(f"expected {wording}")
