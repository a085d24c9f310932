"""`codesearch completion`: a script for the user's shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from codesearch.cli.main import cli


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script for SHELL.

    \b
    bash:  codesearch completion bash >> ~/.bashrc
    zsh:   codesearch completion zsh >> ~/.zshrc
    fish:  codesearch completion fish > ~/.config/fish/completions/codesearch.fish
    """  # noqa: D301
    script = get_completion_class(shell)
    if script is None:
        raise click.UsageError(f"no completion for {shell}")
    click.echo(script(cli, {}, "codesearch", "_CODESEARCH_COMPLETE").source())
