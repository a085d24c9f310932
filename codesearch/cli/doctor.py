"""`codesearch doctor`: is everything here that codesearch needs, and what to do if not."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from codesearch import __version__
from codesearch.cli.names import complete_folders
from codesearch.cli.report import write_report
from codesearch.cli.roots import scope_of, settings_for
from codesearch.errors import CodesearchError
from codesearch.indexing import read_status, watch_limit
from codesearch.indexing.drift import LEAST_COSINE, WARNING, drift_of
from codesearch.paths import cache_home, make_private
from codesearch.settings import Settings

_PACKAGES = ("torch", "transformers", "lancedb", "pygls", "tree-sitter", "watchdog")
_FREE_BYTES = 500_000_000  # an index and cached vectors of a large repository fit in this


@dataclass(frozen=True, slots=True)
class Check:
    """The outcome of one check; `remedy` says what to do when it failed."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


@click.command("doctor")
@click.argument("path", required=False, shell_complete=complete_folders)
@click.option("--json", "as_json", is_flag=True, help="JSON instead of lines.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what an issue needs to this file, without source text, paths or queries.",
)
def command(path: str | None, as_json: bool, report: Path | None) -> int:
    """Check the installation, the encoder, the cache and the watcher, and say what to do."""
    root = scope_of(path).root
    settings = settings_for(root)
    checks: list[tuple[str, Callable[[], Check]]] = [
        ("python", _python),
        ("packages", _packages),
        ("git", _git),
        ("grammars", _grammars),
        ("encoder", lambda: _encoder(root, settings)),
        ("cache", _cache),
        ("watcher", lambda: _watcher(root)),
        ("index", lambda: _index(root)),
    ]
    outcomes = []
    for name, check in checks:
        outcome = _guarded(name, check)
        outcomes.append(outcome)
        if not as_json:
            _print(outcome)
    if as_json:
        click.echo(json.dumps([asdict(outcome) for outcome in outcomes], indent=2))
    if report is not None:
        write_report(report, root, settings, [asdict(outcome) for outcome in outcomes])
        click.echo(f"{report}: no source text is in it; read it before you send it", err=True)
    return 0 if all(outcome.ok for outcome in outcomes) else 1


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except CodesearchError as error:
        return Check(name, ok=False, detail=error.message, remedy=error.remedy)
    except Exception as error:
        detail = f"{type(error).__name__}: {error}"
        return Check(name, ok=False, detail=detail, remedy="Install codesearch anew.")


def _print(outcome: Check) -> None:
    mark = click.style("ok  ", fg="green") if outcome.ok else click.style("FAIL", fg="red")
    click.echo(f"{mark} {outcome.name}: {outcome.detail}")
    if outcome.remedy:
        click.echo(f"     {outcome.remedy}")


def _python() -> Check:
    detail = f"{platform.python_version()} at {sys.executable}; codesearch {__version__}"
    return Check("python", ok=True, detail=detail)


def _packages() -> Check:
    versions = [f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES]
    return Check("packages", ok=True, detail=", ".join(versions))


def _git() -> Check:
    try:
        answer = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.SubprocessError):
        remedy = "Without git, .gitignore files are read by codesearch itself; that works too."
        return Check("git", ok=True, detail="not found", remedy=remedy)
    return Check("git", ok=True, detail=answer.stdout.strip())


def _grammars() -> Check:
    from codesearch.languages import LANGUAGES, broken_grammars

    broken = broken_grammars()
    detail = f"{len(LANGUAGES) - len(broken)} of {len(LANGUAGES)} languages"
    remedy = f"Install codesearch anew; these did not load: {', '.join(broken)}." if broken else ""
    return Check("grammars", ok=not broken, detail=detail, remedy=remedy)


def _encoder(root: Path, settings: Settings) -> Check:
    from codesearch.encoder import load_encoder

    encoder = load_encoder(settings.encoder)
    vectors = encoder.encode_queries(["open a file", "read a file", "delete a user"])
    drift = drift_of(root, encoder)
    near, far = float(vectors[0] @ vectors[1]), float(vectors[0] @ vectors[2])
    detail = f"{encoder.info.name}, {encoder.info.dimension} dimensions"
    if drift is not None and drift < LEAST_COSINE:
        return Check("encoder", ok=False, detail=detail, remedy=WARNING.format(drift))
    if near > far:
        return Check("encoder", ok=True, detail=detail)
    remedy = "Its vectors do not tell like from unlike: check its files and pooling."
    return Check("encoder", ok=False, detail=detail, remedy=remedy)


def _cache() -> Check:
    folder = make_private(cache_home())
    with tempfile.NamedTemporaryFile(dir=folder):
        free = shutil.disk_usage(folder).free
    detail = f"{folder}, {free / 1e9:.1f} GB free"
    remedy = "" if free > _FREE_BYTES else "Free some space, or move it with CODESEARCH_CACHE_DIR."
    return Check("cache", ok=free > _FREE_BYTES, detail=detail, remedy=remedy)


def _watcher(root: Path) -> Check:
    limit = watch_limit()
    if limit is None:
        return Check("watcher", ok=True, detail="this system sets no limit")
    folders = sum(1 for _ in os.walk(root))
    detail = f"{folders:,} folders here, {limit:,} watches allowed"
    if folders < limit:
        return Check("watcher", ok=True, detail=detail)
    remedy = (
        "Raise it: sudo sysctl fs.inotify.max_user_watches=524288. Until then codesearch polls."
    )
    return Check("watcher", ok=False, detail=detail, remedy=remedy)


def _index(root: Path) -> Check:
    status = read_status(root)
    detail = f"{root}: {status.phase.value}, {status.units:,} units, {status.pending:,} pending"
    if status.last_error:
        return Check(
            "index", ok=False, detail=status.last_error, remedy="codesearch clean, then warmup"
        )
    return Check("index", ok=True, detail=detail)
