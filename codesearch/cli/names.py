"""Names on disk that the user's shell completes, as it does for any other command."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem


def complete_folders(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Leave it to the shell to complete the name of a folder."""
    del context, parameter
    return [CompletionItem(incomplete, type="dir")]


def complete_files(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Leave it to the shell to complete the name of a file or folder."""
    del context, parameter
    return [CompletionItem(incomplete, type="file")]
