"""The `codesearch` command: its group, its lazily imported subcommands and its exit codes."""

from __future__ import annotations

import importlib
import os
import sys

import click

from codesearch import __version__, process
from codesearch.errors import CodesearchError

# name -> (module, one line for --help): a command's module is imported only when it is used.
_COMMANDS = {
    "search": ("codesearch.cli.search", "Find code by meaning, words or name."),
    "similar": ("codesearch.cli.similar", "Find code similar to a place or a snippet."),
    "warmup": ("codesearch.cli.warmup", "Index repositories completely, then leave."),
    "status": ("codesearch.cli.status", "Show how complete and fresh an index is."),
    "eval": ("codesearch.cli.evaluate", "Measure search on your own code."),
    "doctor": ("codesearch.cli.doctor", "Check the installation and say what to do."),
    "clean": ("codesearch.cli.clean", "Delete indexes and cached embeddings."),
    "serve": ("codesearch.cli.serve", "Run the language server (editors start this)."),
    "completion": ("codesearch.cli.completion", "Print a shell completion script."),
}

_EPILOG = """\b
Exit codes: 0 done (search: something found), 1 nothing found or a check failed,
2 wrong usage or settings, 3 encoder unusable, 4 index unusable, 5 other error,
130 interrupted.

Nothing leaves this machine. Indexes live in the user's cache folder
(CODESEARCH_CACHE_DIR moves it); settings in config.toml (see docs/settings.md).
"""


class _LazyGroup(click.Group):
    """A group that knows its commands' names without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        command = importlib.import_module(_COMMANDS[cmd_name][0]).command
        if not isinstance(command, click.Command):
            raise TypeError(f"{cmd_name} is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.group(
    cls=_LazyGroup,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="codesearch")
def cli() -> None:
    """Semantic code search that stays on your machine.

    \b
    codesearch warmup .                          index this repository
    codesearch search "where are retries delayed"
    codesearch similar src/client.py:120
    """  # noqa: D301


def main() -> None:
    """Run the command line; errors become one message and an exit code, never a stack trace."""
    process.claim()
    process.load_without_collecting()
    try:
        sys.exit(_run())
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        sys.exit(130)
    except BrokenPipeError:  # `codesearch search … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(0)
    except Exception as error:  # a fault of ours: one line, unless the trace is asked for
        if os.environ.get("CODESEARCH_DEBUG"):
            raise
        click.secho(f"codesearch: internal error: {error!r}", fg="red", err=True)
        click.echo("Please report it; CODESEARCH_DEBUG=1 shows where it happened.", err=True)
        sys.exit(CodesearchError.exit_code)


def _run() -> int:
    try:
        result = cli.main(prog_name="codesearch", standalone_mode=False)
    except CodesearchError as error:
        click.secho(f"codesearch: {error.message}", fg="red", err=True)
        if error.remedy:
            click.echo(error.remedy, err=True)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        click.echo("interrupted", err=True)
        return 130
    return result if isinstance(result, int) else 0


if __name__ == "__main__":
    main()
