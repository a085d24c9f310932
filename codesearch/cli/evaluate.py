"""`codesearch eval`: how well search works on the user's own code, by encoder and by stage."""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from typing import Self

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from codesearch.cli.names import complete_folders
from codesearch.cli.roots import exact_root, scope_of, settings_for
from codesearch.errors import UsageError
from codesearch.evaluation import EVERYTHING, Measured, Plan, Report, evaluate
from codesearch.evaluation.figures import ALL, Figures, figures, query_milliseconds, record
from codesearch.settings import EncoderSettings

_LOG_SECONDS = 5.0  # between lines where there is no terminal to draw a bar on
_PACKAGED = "packaged"
_COLUMNS = ("ndcg10", "mrr", "hit1", "hit5", "recall50")
_HEADER = ("NDCG@10", "MRR@10", "hit@1", "hit@5", "recall@50")


@click.command("eval")
@click.argument("path", required=False, shell_complete=complete_folders)
@click.option(
    "-e",
    "--encoder",
    "encoders",
    multiple=True,
    metavar="NAME",
    help=f"Measure this encoder: a folder, a hub name, or '{_PACKAGED}'. May be repeated. "
    "[default: the one of the settings]",
)
@click.option(
    "--sample",
    type=click.IntRange(1, 100_000),
    default=300,
    show_default=True,
    help="Most questions of each kind.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Draws the questions.")
@click.option("--commits/--no-commits", default=True, help="Ask for what commits did, too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with every question.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def command(
    path: str | None,
    encoders: tuple[str, ...],
    *,
    sample: int,
    seed: int,
    commits: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Measure search on the code in PATH (default: the repository around here).

    The repository itself holds questions with known answers: the first sentence of a
    unit's documentation, and the subject of a commit with the units it changed. They are
    asked of a copy without that documentation, in an index of its own, which is removed
    afterwards; your files and your index are left alone. Known embeddings are used again.

    Figures are from 0 to 1, more is better; docs/evaluation.md tells what they mean. Exit
    code 1: there is nothing to ask, since too little is documented.
    """
    root = exact_root(path) if path else scope_of(None).root
    settings = settings_for(root)
    chosen = tuple(_encoder(settings.encoder, name) for name in dict.fromkeys(encoders))
    plan = Plan(chosen or (settings.encoder,), sample=sample, seed=seed, commits=commits)
    with _progress(quiet=quiet or as_json) as progress:
        report = evaluate(root, settings, plan, progress.tell)
    if as_json:
        click.echo(json.dumps({**record(report), "sample": sample, "seed": seed}))
    else:
        _print(report)
    return 0 if report.questions else 1


def _encoder(settings: EncoderSettings, name: str) -> EncoderSettings:
    """The settings with another encoder. What describes the configured one is left out."""
    if not name.strip():
        raise UsageError("an encoder without a name", f"Try --encoder {_PACKAGED}.")
    own = None if name == _PACKAGED else name
    if own == settings.name:
        return settings
    return dataclasses.replace(
        settings,
        name=own,
        pooling=None,
        query_prefix=None,
        document_prefix=None,
        max_tokens=None,
        dimension=None,
    )


def _print(report: Report) -> None:
    sources = [question.source for question in report.questions]
    counts = [f", {sources.count(one):,} from {one}" for one in dict.fromkeys(sources)]
    click.echo(
        f"{report.root}: {report.units:,} units, {len(sources):,} questions{''.join(counts)}"
    )
    for note in report.notes:
        click.secho(f"note: {note}", fg="yellow", err=True)
    if not report.questions:
        click.echo("nothing to ask: no unit is documented in a sentence of its own", err=True)
    for measured in report.measured:
        _print_encoder(measured)


def _print_encoder(measured: Measured) -> None:
    times = query_milliseconds(measured.asked)
    click.echo()
    click.secho(measured.encoder, bold=True, nl=False)
    click.echo(
        f"  (indexed in {measured.index_seconds:.1f} s, {measured.texts_encoded:,} texts embedded; "
        f"a query takes {times['p50']:.0f} ms, {times['p95']:.0f} ms at the 95th percentile)"
    )
    rows = [one for one in figures(measured.asked) if _is_shown(one)]
    labels = [_label(one) for one in rows]
    width = max(map(len, labels))
    click.secho(f"  {'':{width}}  questions  {'  '.join(_HEADER)}", dim=True)
    for label, one in zip(labels, rows, strict=True):
        cells = (
            f"{one.means[name]:{len(title)}.3f}"
            for name, title in zip(_COLUMNS, _HEADER, strict=True)
        )
        click.echo(f"  {label:{width}}  {one.questions:9}  {'  '.join(cells)}")


def _is_shown(one: Figures) -> bool:
    return one.language == ALL or one.system == EVERYTHING


def _label(one: Figures) -> str:
    if one.language != ALL:
        return f"  in {one.language}"
    return one.source if one.system == EVERYTHING else f"  {one.system}"


class _Quiet:
    """No progress at all."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def tell(self, what: str, done: int, total: int) -> None:
        """Take note of how far things are."""


class _Lines(_Quiet):
    """Plain lines, one now and then, for logs."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def tell(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._last >= _LOG_SECONDS:
            self._last = now
            click.echo(f"{what}: {done:,} of {total:,}", err=True)


class _Bar(_Quiet):
    """A progress bar of what is being done."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        console = Console(stderr=True)
        self._progress = Progress(*columns, TimeRemainingColumn(), console=console, transient=True)
        self._task = self._progress.add_task("reading", total=None)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def tell(self, what: str, done: int, total: int) -> None:
        self._progress.update(self._task, description=what, completed=done, total=total or None)


def _progress(*, quiet: bool) -> _Quiet:
    if quiet:
        return _Quiet()
    return _Bar() if sys.stderr.isatty() else _Lines()
