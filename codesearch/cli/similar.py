"""`codesearch similar`: code like the code at a place, or like a snippet."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import click

from codesearch.cli.fresh import bring_up_to_date, with_warning
from codesearch.cli.names import complete_files
from codesearch.cli.options import filter_options, known_language, query_of
from codesearch.cli.roots import Scope, exact_root, root_of_file, scope_of, settings_for
from codesearch.cli.search import show
from codesearch.errors import UsageError
from codesearch.search import Searcher
from codesearch.types import Target

_PLACE = re.compile(r"(?P<file>.+?):(?P<line>\d+)(?::(?P<column>\d+))?(?:-(?P<end>\d+))?")


@click.command("similar")
@click.argument("place", metavar="FILE:LINE[:COL]|-", shell_complete=complete_files)
@click.option(
    "--snippet-language",
    callback=lambda _context, _option, name: name and known_language(name),
    help="Language of the snippet on stdin.",
)
@filter_options
def command(place: str, snippet_language: str | None, **options: Any) -> int:
    """Find code similar to the function at FILE:LINE, or to a snippet on stdin (`-`).

    FILE:LINE-END stands for the lines from LINE to END. Lines count from 1, and so does COL, in
    bytes; it chooses between functions on the same line.
    """
    scope, target = _target(place, snippet_language, options["root"])
    settings = settings_for(scope.root)
    searcher = Searcher(scope.root, settings)
    searcher.start()  # while the index is brought up to date
    status = None
    if options["update"]:
        words_only, quiet = not options["wait"], options["as_json"]
        status = bring_up_to_date(scope.root, settings, words_only=words_only, quiet=quiet)
    query = query_of(
        "",
        limit=options["limit"] or settings.search.limit,
        languages=options["languages"],
        kinds=options["kinds"],
        paths=(*options["paths"], *scope.paths),
        exclude=options["exclude"],
    )
    try:
        result = searcher.similar(target, query, wait_for_encoder=True)
    finally:
        searcher.close()
    return show(with_warning(result, status), place, options, explain=False)


def _target(place: str, language: str | None, root: str | None) -> tuple[Scope, Target]:
    if place == "-":
        text = sys.stdin.read()
        if not text.strip():
            raise UsageError(
                "no snippet on stdin", "Pipe some code: cat part.py | codesearch similar -"
            )
        return scope_of(root), Target(text=text, language=language)
    match = _PLACE.fullmatch(place)
    if match is None or int(match["line"]) < 1:
        raise UsageError(f"{place} is not FILE:LINE", "Try: codesearch similar src/client.py:120")
    file = Path(match["file"]).resolve()
    if not file.is_file():
        raise UsageError(f"{match['file']} is not a file")
    _check_lines(file, int(match["line"]), match["end"])
    scope = Scope(exact_root(root) if root else root_of_file(file))
    if not file.is_relative_to(scope.root):
        raise UsageError(f"{place} lies outside {scope.root}")
    end = int(match["end"]) - 1 if match["end"] else None
    path = file.relative_to(scope.root).as_posix()
    column = max(0, int(match["column"]) - 1) if match["column"] else None
    return scope, Target(path=path, start_line=int(match["line"]) - 1, end_line=end, column=column)


def _check_lines(file: Path, line: int, end: str | None) -> None:
    try:
        text = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error
    lines = text.count(b"\n") + (not text.endswith(b"\n"))
    if line > lines:
        raise UsageError(f"{file} has {lines} lines, and so no line {line}")
    if end and int(end) < line:
        raise UsageError(f"lines {line}-{end} end before they begin")
