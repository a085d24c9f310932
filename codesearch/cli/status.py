"""`codesearch status`: how complete and fresh an index is."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click

from codesearch.cli.names import complete_folders
from codesearch.cli.output import status_line, status_object
from codesearch.cli.roots import scope_of, settings_for
from codesearch.indexing import leader_pid, read_status
from codesearch.indexing.forecast import cost_of
from codesearch.indexing.halted import is_halted
from codesearch.paths import cache_home
from codesearch.types import IndexStatus, Phase


@click.command("status")
@click.argument("path", required=False, shell_complete=complete_folders)
@click.option("--all", "everything", is_flag=True, help="Every index of this user.")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of lines.")
def command(path: str | None, everything: bool, as_json: bool) -> int:
    """Show the index of PATH (default: the repository around the current folder)."""
    roots = indexed_roots() if everything else [scope_of(path).root]
    statuses = [(read_status(root), leader_pid(root)) for root in roots]
    if as_json:
        objects = [{**status_object(status), "leader_pid": pid} for status, pid in statuses]
        click.echo(json.dumps(objects if everything else objects[0], indent=2))
    else:
        for status, pid in statuses:
            _print(status, pid)
    return 0 if everything or statuses[0][0].phase is not Phase.EMPTY else 1


def indexed_roots() -> list[Path]:
    """The roots of all indexes in the user's cache folder, whether they still exist or not."""
    roots = []
    for meta in sorted((cache_home() / "indexes").glob("*/meta.json")):
        try:
            roots.append(Path(json.loads(meta.read_text(encoding="utf-8"))["root"]))
        except (OSError, ValueError, KeyError):
            continue  # being rebuilt, or damaged: its owner will tell
    return roots


def _print(status: IndexStatus, leader: int | None) -> None:
    click.secho(status.root, bold=True)
    if status.phase is Phase.EMPTY:
        click.echo("  not indexed: run `codesearch warmup` there, or open it in an editor")
        return
    click.echo(f"  {status_line(status)}")
    click.echo(f"  encoder {status.encoder}; {status.texts_encoded:,} texts embedded so far")
    click.echo(f"  last scan {_ago(status.last_scan_at)}; {_watched(leader)}")
    if status.ahead is not None:
        settings = settings_for(Path(status.root))
        click.echo(f"  to embed when last looked at: {cost_of(status.ahead, settings)}")
    for reason, count in sorted(status.skipped.items()):
        click.echo(f"  {count:,} files left out: {reason}")
    for warning in status.warnings:
        click.secho(f"  warning: {warning}", fg="yellow")
    if status.last_error:
        click.secho(f"  last error: {status.last_error}", fg="red")


def _watched(leader: int | None) -> str:
    if leader is None:
        return "not watched now"
    return f"watched by process {leader}{', which was stopped' if is_halted(leader) else ''}"


def _ago(moment: float) -> str:
    if not moment:
        return "never"
    seconds = max(0, int(time.time() - moment))
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return f"{seconds} s ago"
