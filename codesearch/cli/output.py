"""How answers look: lines for people and editors, objects for scripts."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import click

from codesearch.errors import CodesearchError
from codesearch.timing import read_latency
from codesearch.types import Hit, IndexStatus, SearchResult


def print_hits(result: SearchResult, *, snippets: bool, explain: bool) -> None:
    """Write one `path:line:col` line a hit, paths relative to the current folder."""
    for hit in result.hits:
        click.echo(_line(hit))
        if explain:
            click.echo(click.style(_indented(_reasons(hit)), fg="green"))
        if snippets and hit.snippet:
            click.echo(click.style(_indented(hit.snippet), dim=True))


def print_notes(result: SearchResult) -> None:
    """Tell on stderr what the answer could not take into account."""
    for note in result.notes:
        click.secho(f"note: {note}", fg="yellow", err=True)


def result_json(query: str, result: SearchResult) -> str:
    """One answer as one line of JSON; lines are 1-based and inclusive."""
    return json.dumps(
        {
            "query": query,
            "hits": [_hit_object(hit) for hit in result.hits],
            "units": result.units,
            "encoded": result.encoded,
            "notes": list(result.notes),
        },
        ensure_ascii=False,
    )


def error_json(query: str, error: CodesearchError) -> str:
    """One line of JSON for a query of many that has no answer."""
    return json.dumps({"query": query, "hits": [], "error": error.message}, ensure_ascii=False)


def status_object(status: IndexStatus) -> dict[str, Any]:
    """A status as plain JSON values, with what follows from it spelled out."""
    root = Path(status.root)
    return {
        **dataclasses.asdict(status),
        "skipped": dict(status.skipped),
        "latency": {name: dataclasses.asdict(each) for name, each in read_latency(root).items()},
        "pending": status.pending,
        "complete": status.complete,
    }


def status_line(status: IndexStatus) -> str:
    """A status in one line for a person."""
    percent = 100 * status.encoded // status.units if status.units else 0
    line = (
        f"{status.phase.value}: {status.files:,} files, {status.units:,} units, "
        f"{status.encoded:,} embedded ({percent} %)"
    )
    if status.dirty:
        line += f", {status.dirty:,} changed files to read"
    return line


def _line(hit: Hit) -> str:
    place = os.path.relpath(Path(hit.root) / hit.path)
    where = f"{place}:{hit.name_span.start_line + 1}:{hit.name_span.start_column + 1}"
    inside = "" if hit.qualified_name in {hit.name, hit.path} else f"  ({hit.qualified_name})"
    return f"{click.style(where, fg='cyan')}: {_text(hit)}{click.style(inside, dim=True)}"


def _text(hit: Hit) -> str:
    """The signature, or what stands first where there is none."""
    lines = [hit.signature, *hit.snippet.splitlines(), hit.name]
    return " ".join(next(line for line in lines if line.strip()).split())


def _reasons(hit: Hit) -> str:
    parts = "  ".join(f"{name} {value:+.4f}" for name, value in hit.explanation.parts.items())
    return f"{hit.score:.4f} = {parts}"


def _indented(snippet: str) -> str:
    return "\n".join(f"    {line}" for line in snippet.splitlines())


def _hit_object(hit: Hit) -> dict[str, Any]:
    return {
        "path": hit.path,
        "start_line": hit.span.start_line + 1,
        "end_line": hit.span.end_line + 1,
        "name": hit.name,
        "qualified_name": hit.qualified_name,
        "kind": hit.kind.value,
        "language": hit.language,
        "signature": hit.signature,
        "score": round(hit.score, 6),
    }
