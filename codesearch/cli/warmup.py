"""`codesearch warmup`: index repositories completely, without an editor."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click

from codesearch.cli.fresh import bring_up_to_date
from codesearch.cli.names import complete_folders
from codesearch.cli.output import status_line, status_object
from codesearch.cli.roots import exact_root, settings_for
from codesearch.indexing import leader_pid, read_status
from codesearch.types import IndexStatus, Phase


@click.command("warmup")
@click.argument(
    "paths", nargs=-1, required=True, metavar="PATH...", shell_complete=complete_folders
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a repository on stdout.")
@click.option(
    "--wait",
    is_flag=True,
    help="Where an editor is indexing already, follow it to the end instead of leaving it to it.",
)
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def command(paths: tuple[str, ...], as_json: bool, wait: bool, quiet: bool) -> int:
    """Read and embed everything in each PATH, so that searches there are complete.

    Only what changed since the last time is read, and only new text is embedded. It may be
    interrupted at any moment and goes on from there next time.
    """
    complete = True
    for root in [exact_root(path) for path in paths]:
        began = time.monotonic()
        before = read_status(root)
        status = _warm(root, wait=wait, quiet=quiet or as_json)
        complete = complete and status.complete
        if as_json:
            seconds = round(time.monotonic() - began, 3)
            click.echo(json.dumps({**status_object(status), "seconds": seconds}))
        else:
            _report(root, status, before, time.monotonic() - began)
    return 0 if complete else 1


def _warm(root: Path, *, wait: bool, quiet: bool) -> IndexStatus:
    other = leader_pid(root)
    if other is not None and not wait:
        click.echo(f"process {other} is indexing {root}; --wait follows it to the end", err=True)
        return read_status(root)
    return bring_up_to_date(root, settings_for(root), quiet=quiet)


def _report(root: Path, status: IndexStatus, before: IndexStatus, seconds: float) -> None:
    click.echo(f"{root}: {status_line(status)} in {seconds:.1f} s")
    new = status.texts_encoded - before.texts_encoded
    click.echo(f"  {new:,} texts embedded now{', the rest was known' if before.units else ''}")
    for reason, count in sorted(status.skipped.items()):
        click.echo(f"  {count:,} files left out: {reason}")
    for warning in status.warnings:
        click.secho(f"  warning: {warning}", fg="yellow", err=True)
    if status.phase is Phase.PAUSED:
        click.echo("  indexing is paused from an editor", err=True)
    if status.last_error:
        click.secho(f"  last error: {status.last_error}", fg="red", err=True)
