"""`codesearch serve`: the language server."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command("serve")
@click.option("--stdio", is_flag=True, help="Speak over stdin and stdout (the default).")
@click.option(
    "--tcp",
    is_flag=True,
    help="Listen on a loopback port, and print a token.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Loopback address for --tcp.")
@click.option("--port", default=0, show_default=True, help="Port for --tcp; 0 picks a free one.")
@click.option(
    "--metrics",
    type=click.Path(path_type=Path),
    help="Tell Prometheus' text on a Unix socket at this path.",
)
def command(stdio: bool, tcp: bool, host: str, port: int, metrics: Path | None) -> None:
    """Run the language server. Editors start this; it ends with its client."""
    if stdio and tcp:
        raise click.UsageError("--stdio and --tcp exclude one another")
    from codesearch.server.main import serve

    sys.exit(serve((host, port) if tcp else None, metrics))
