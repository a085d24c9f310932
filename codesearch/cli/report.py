"""`codesearch doctor --report`: what an issue needs to be understood, and nothing of the code.

Names of files, questions and error texts may say what somebody works on, so only numbers, states,
versions and names of our own code are let through: what is not known to be harmless is left out.
"""

from __future__ import annotations

import builtins
import contextlib
import dataclasses
import json
import os
import platform
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from codesearch import __version__
from codesearch.indexing import leader_pid, read_status
from codesearch.indexing.protocol import LOG_FILE
from codesearch.paths import index_home, logs_home
from codesearch.settings import Settings
from codesearch.timing import read_latency

_LOG_LINES = 500
_MOST_LOG_BYTES = 1_000_000
# Of a record: when, by whom, how bad. What it says may quote a path or a query.
_RECORD = ("time", "pid", "level", "logger")
# Of a trace: where in our own code, or in a library. The line of code below it is left out.
_FRAME = re.compile(
    r'\s+File "[^"\n]*?((?:codesearch|site-packages)/[\w./-]+)", line (\d+), in (\S+)'
)
_NATIVE = re.compile(
    r'\s+File "[^"\n]*?((?:codesearch|site-packages)/[\w./-]+)", line (\d+) in (\S+)'
)
_ERROR = re.compile(r"([\w.]*(?:Error|Exception|Interrupt|Exit))\b")
_FATAL = re.compile(r"(Fatal Python error: [\w ]+)")
# Of the status: what says neither where nor what.
_STATUS = (
    *("phase", "files", "units", "encoded", "dirty", "texts_encoded", "cache_hits"),
    *("probe_cosine", "last_scan_at", "updated_at", "pending", "complete"),
)
_OTHERS_ERRORS = ("codesearch.", "sqlite3.", "pyarrow.", "torch.", "subprocess.", "cattrs.")


def write_report(
    target: Path, root: Path, settings: Settings, checks: list[dict[str, Any]]
) -> None:
    """Write the bundle, a zip file for its owner alone, in place of what is there."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w") as bundle:
        for name, value in _parts(root, settings, checks):
            text = value if isinstance(value, str) else json.dumps(value, indent=2)
            bundle.writestr(name, text)


def _parts(root: Path, settings: Settings, checks: list[dict[str, Any]]) -> Iterator[Any]:
    yield "versions.json", _versions()
    yield "checks.json", [{"name": one["name"], "ok": one["ok"]} for one in checks]
    yield "settings.json", _settings(settings)
    yield "status.json", _status(root)
    yield "index.json", dict(_sizes(index_home(root)))
    yield "log.txt", "\n".join(_harmless(_logs(index_home(root))))


def _versions() -> dict[str, Any]:
    ours = {name: metadata.version(name) for name in _requirements()}
    machine = {"system": platform.platform(), "python": platform.python_version()}
    return {"codesearch": __version__, **machine, "cpus": os.cpu_count(), "packages": ours}


def _requirements() -> list[str]:
    found = [re.match(r"[\w.-]+", text) for text in metadata.requires("codesearch") or ()]
    names = [match[0] for match in found if match]
    return [name for name in names if any(metadata.distributions(name=name))]


def _settings(settings: Settings) -> dict[str, Any]:
    """Numbers and switches as they are; of a text, only whether it is set."""
    groups = dataclasses.asdict(settings)
    return {
        group: {
            key: value if isinstance(value, (bool, int, float)) else bool(value)
            for key, value in entries.items()
        }
        for group, entries in groups.items()
    }


def _status(root: Path) -> dict[str, Any]:
    status = read_status(root)
    told = {key: getattr(status, key) for key in _STATUS}
    told["skipped"] = dict(status.skipped)
    told["warnings"], told["has_error"] = len(status.warnings), status.last_error is not None
    told["has_leader"] = leader_pid(root) is not None
    told["latency"] = {n: dataclasses.asdict(each) for n, each in read_latency(root).items()}
    return told


def _sizes(home: Path) -> Iterator[tuple[str, Mapping[str, int]]]:
    """Files and bytes of an index, by what they are: its own names alone."""
    for part in sorted(home.iterdir()) if home.is_dir() else ():
        files = [one for one in (part, *part.rglob("*")) if one.is_file()]
        yield part.name, {"files": len(files), "bytes": sum(f.stat().st_size for f in files)}


def _logs(home: Path) -> Iterator[str]:
    """Lines of the worker's log and of those of the servers."""
    servers = logs_home().glob("server-*.jsonl") if logs_home().is_dir() else ()
    for path in (*sorted(servers, key=lambda file: file.stat().st_mtime), home / LOG_FILE):
        with contextlib.suppress(OSError), path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _MOST_LOG_BYTES))
            yield from file.read().decode(errors="replace").splitlines()


def _harmless(lines: Iterable[str]) -> list[str]:
    """The last lines of logs, each without what it quotes."""
    return [kept for line in lines for kept in _kept(line)][-_LOG_LINES:]


def _kept(line: str) -> list[str]:
    try:
        record = json.loads(line)
        head = " ".join(str(record[key]) for key in _RECORD)
        trace = str(record.get("trace", "")).splitlines()
    except (ValueError, TypeError, KeyError, AttributeError):
        return _of_trace([line])  # the last words of a process that crashed
    return [head, *_of_trace(trace)] if record["logger"].startswith("codesearch") else []


def _of_trace(lines: Iterable[str]) -> list[str]:
    kept = []
    for line in lines:
        for form in (_FRAME, _NATIVE, _FATAL, _ERROR):
            match = form.match(line)
            if match and (form is not _ERROR or _is_known(match[1])):
                kept.append(" ".join(match.groups()))
                break
    return kept


def _is_known(error: str) -> bool:
    """Whether this is the name of an error of Python's or of a package, not a word of the code."""
    return hasattr(builtins, error) or error.startswith(_OTHERS_ERRORS)
