"""Options that `search` and `similar` share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from codesearch.cli.names import complete_folders
from codesearch.errors import UsageError
from codesearch.languages import LANGUAGES
from codesearch.search.filters import language_named
from codesearch.types import Kind, Query

_F = TypeVar("_F", bound=Callable[..., object])

_KINDS = [kind.value for kind in Kind]


def known_language(name: str) -> str:
    """The language that `name` stands for: its own name, an alias, or a file extension.

    Raises:
        UsageError: there is none.
    """
    language = language_named(name)
    if language is None:
        raise UsageError(f"unknown language {name}", f"Languages are {', '.join(LANGUAGES)}.")
    return language


def filter_options(function: _F) -> _F:
    """Add the options that narrow an answer and shape its output."""
    for option in reversed(
        [
            click.option("-n", "--limit", type=click.IntRange(1, 1000), help="Most hits to show."),
            click.option(
                "-l",
                "--language",
                "languages",
                multiple=True,
                callback=lambda _context, _option, names: tuple(map(known_language, names)),
                help="Only this language.",
            ),
            click.option(
                "-k",
                "--kind",
                "kinds",
                multiple=True,
                type=click.Choice(_KINDS),
                help="Only this kind.",
            ),
            click.option(
                "-p", "--path", "paths", multiple=True, help="Only paths matching this glob."
            ),
            click.option("-x", "--exclude", multiple=True, help="No paths matching this glob."),
            click.option(
                "-C",
                "--root",
                shell_complete=complete_folders,
                help="The repository, instead of the one found around here.",
            ),
            click.option(
                "-s", "--snippets", is_flag=True, help="Show the first lines of each hit."
            ),
            click.option(
                "--json", "as_json", is_flag=True, help="One JSON object instead of lines."
            ),
            click.option(
                "--update/--no-update", default=True, help="Read changed files first (default)."
            ),
            click.option(
                "--wait/--no-wait",
                default=None,
                help="Wait until everything is embedded (default only with --batch).",
            ),
        ]
    ):
        function = option(function)
    return function


def query_of(
    text: str,
    *,
    limit: int,
    languages: tuple[str, ...],
    kinds: tuple[str, ...],
    paths: tuple[str, ...],
    exclude: tuple[str, ...],
) -> Query:
    """The typed query for what was given on the command line."""
    return Query(
        text=text,
        limit=limit,
        languages=languages,
        kinds=tuple(Kind(kind) for kind in kinds),
        paths=paths,
        exclude_paths=exclude,
    )
