"""Options that `search` and `similar` share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from codesearch.types import Kind, Query

_F = TypeVar("_F", bound=Callable[..., object])

_KINDS = [kind.value for kind in Kind]


def filter_options(function: _F) -> _F:
    """Add the options that narrow an answer and shape its output."""
    for option in reversed(
        [
            click.option("-n", "--limit", type=click.IntRange(1, 1000), help="Most hits to show."),
            click.option(
                "-l", "--language", "languages", multiple=True, help="Only this language."
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
                "-C", "--root", help="The repository, instead of the one found around here."
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
