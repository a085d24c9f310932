"""`codesearch search`: one query, or a batch of them from stdin."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from codesearch.cli.fresh import bring_up_to_date, with_warning
from codesearch.cli.names import complete_files
from codesearch.cli.options import filter_options, query_of
from codesearch.cli.output import error_json, print_hits, print_notes, result_json
from codesearch.cli.roots import scope_of, settings_for
from codesearch.errors import CodesearchError, UsageError
from codesearch.indexing import Glance, read_status
from codesearch.search import Searcher
from codesearch.settings import Settings
from codesearch.types import Query, SearchResult


@click.command("search")
@click.argument("words", nargs=-1, metavar="QUERY [PATH]", shell_complete=complete_files)
@click.option(
    "--batch", is_flag=True, help="One query a line on stdin, one JSON object a line out."
)
@click.option("--explain", is_flag=True, help="Show what each hit's score is made of.")
@filter_options
def command(words: tuple[str, ...], batch: bool, explain: bool, **options: Any) -> int:
    """Find code by meaning, words or name.

    QUERY may be a question ("where are retries delayed"), an identifier, or code. PATH is the
    repository; without it, the one around the current folder. A file, or a folder
    inside an indexed repository, narrows the answer to it.

    Changed files are read first. In a repository never seen before, the answer comes from plain
    words at once, and then all files are read for the next question; `codesearch warmup` embeds
    everything, or --wait does so here.
    """
    text, path = _arguments(words, batch)
    scope = scope_of(options["root"] or path)
    settings = settings_for(scope.root)
    wait = batch if options["wait"] is None else options["wait"]
    new = not wait and not read_status(scope.root).was_read
    glance = Glance(scope.root, settings, lambda: False) if new else None
    searcher = Searcher(scope.root, settings, unread=glance)
    status = None
    if not new:
        searcher.start()  # while the index is brought up to date
        if options["update"]:
            quiet = options["as_json"] and not wait
            status = bring_up_to_date(scope.root, settings, words_only=not wait, quiet=quiet)
    query = query_of(
        text,
        limit=options["limit"] or settings.search.limit,
        languages=options["languages"],
        kinds=options["kinds"],
        paths=(*options["paths"], *scope.paths),
        exclude=options["exclude"],
    )
    try:
        if batch:
            return _batch(searcher, query, sys.stdin)
        result = with_warning(searcher.search(query, wait_for_encoder=True), status)
    finally:
        searcher.close()
    code = show(result, text, options, explain=explain)
    if new and options["update"]:
        _read_for_next_time(scope.root, settings, quiet=options["as_json"])
    return code


def _read_for_next_time(root: Path, settings: Settings, *, quiet: bool) -> None:
    """Make the words of an index for the next question; this one is answered."""
    sys.stdout.flush()  # whoever reads it need not wait
    if not quiet:
        click.echo("reading all files for the next question; Ctrl-C leaves them for then", err=True)
    with suppress(KeyboardInterrupt):
        bring_up_to_date(root, settings, words_only=True, quiet=quiet)


def show(result: SearchResult, label: str, options: dict[str, Any], *, explain: bool) -> int:
    """Write an answer as the options ask, and return the exit code."""
    if options["as_json"]:
        click.echo(result_json(label, result))
    else:
        print_hits(result, snippets=options["snippets"], explain=explain)
        print_notes(result)
        if not result.hits:
            click.echo("nothing found", err=True)
    return 0 if result.hits else 1


def _arguments(words: tuple[str, ...], batch: bool) -> tuple[str, str | None]:
    expected = ("PATH",) if batch else ("QUERY", "PATH")
    if len(words) > len(expected):
        raise UsageError(
            "too many arguments", 'Put a query of several words in quotes: "like this".'
        )
    if batch:
        return "", words[0] if words else None
    if not words or not words[0].strip():
        raise UsageError("no query", 'Try: codesearch search "where is the config parsed"')
    return words[0], words[1] if len(words) == 2 else None


def _batch(searcher: Searcher, query: Query, lines: Iterable[str]) -> int:
    """One object a line, whatever the line is: callers count on the n-th being the n-th's."""
    for line in lines:
        click.echo(_answer(searcher, dataclasses.replace(query, text=line.removesuffix("\n"))))
        sys.stdout.flush()
    return 0


def _answer(searcher: Searcher, query: Query) -> str:
    try:
        return result_json(query.text, searcher.search(query, wait_for_encoder=True))
    except CodesearchError as error:
        return error_json(query.text, error)
