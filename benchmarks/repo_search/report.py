"""The benchmark's page: records of `run`, `units` and `identifiers`, and notes between them.

python -m benchmarks.repo_search.report --record RECORD --markdown docs/retrieval.md

RECORD is what `run --json` wrote; `run --markdown` writes the same page. The other two records are
taken from benchmarks/results/, the words between the tables from notes.md.
"""

from __future__ import annotations

import argparse
import functools
import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from codesearch.evaluation import COMMITS, DOCUMENTATION, EVERYTHING
from codesearch.evaluation.figures import ALL

_NOTES = Path(__file__).with_name("notes.md")
_RESULTS = Path(__file__).parents[1] / "results"
# Sections that the notes ask for, each from the record of this name.
_SECTIONS = ("units", "commits", "identifiers", "cross_validation")
# Queries below this are listed: the first right file is third or later, or one of two is missing.
_FAILED = 0.6
_NOT_MEASURED = "Not measured yet."


def main() -> None:
    """Write the page from records that are there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", type=Path, required=True, help="what run --json wrote")
    parser.add_argument("--markdown", type=Path, required=True)
    arguments = parser.parse_args()
    record = json.loads(arguments.record.read_text())
    arguments.markdown.write_text(page(record["summary"], record["repositories"]))


def page(summary: Mapping[str, Any], repositories: Sequence[Mapping[str, Any]]) -> str:
    """The whole page in Markdown."""
    sections = [
        "# Retrieval\n\nWritten by the benchmark; edit `benchmarks/repo_search/notes.md` instead. "
        "What the stages do is in\n[search.md](search.md). One command measures everything here "
        "again and writes this page:\n\n```\npython -m benchmarks.repo_search.everything --data "
        "../shared/bench/repo_search --work DIR \\\n    --source 'mirrors/{owner}+{name}/repo'\n"
        "```\n",
        "## Search, by repository\n\nNDCG@10 over labelled files, the encoder packaged by "
        "default, beside published figures.\n\n" + _repositories(summary, repositories),
        "## Search, by category and language\n\n" + _groups(summary, repositories),
    ]
    if "ablations" in repositories[0]:
        sections.append("## What each stage is worth\n\n" + _ablations(repositories))
    notes = _NOTES.read_text(encoding="utf-8")
    for name in _SECTIONS:
        notes = notes.replace(f"{{{{{name}}}}}", _section(name).rstrip())
    sections.append(notes)
    sections.append("## Queries that fail\n\n" + _failures(repositories))
    return "\n".join(section.rstrip() + "\n" for section in sections)


def _repositories(summary: Mapping[str, Any], repositories: Sequence[Mapping[str, Any]]) -> str:
    peers = list(repositories[0]["published"])
    rows = [
        [
            one["name"],
            one["language"],
            _number(one["ndcg10"]),
            *(_number(one["published"][peer]) for peer in peers),
        ]
        for one in repositories
    ]
    means = [statistics.mean(one["published"][peer] for one in repositories) for peer in peers]
    rows.append(["**mean**", "", f"**{_number(summary['ndcg10'])}**", *map(_number, means)])
    return table(["repository", "language", "codesearch", *peers], rows)


def _groups(summary: Mapping[str, Any], repositories: Sequence[Mapping[str, Any]]) -> str:
    names = ["hit1", "hit5", "mrr", "recall50"]
    rows = [[name, _number(value)] for name, value in summary["by_category"].items()]
    rows += [[name, _number(summary[name])] for name in names]
    languages: dict[str, list[float]] = {}
    for one in repositories:
        languages.setdefault(one["language"], []).append(one["ndcg10"])
    rows += [[name, _number(statistics.mean(ours))] for name, ours in sorted(languages.items())]
    return table(["of", "figure"], rows)


def _ablations(repositories: Sequence[Mapping[str, Any]]) -> str:
    means = {
        name: statistics.mean(one["ablations"][name] for one in repositories)
        for name in repositories[0]["ablations"]
    }
    whole = next(iter(means.values()))
    rows = [[name, _number(value), f"{value - whole:+.3f}"] for name, value in means.items()]
    return table(["variant", "NDCG@10", "difference"], rows)


def _failures(repositories: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        [one["name"], row["query"], _number(row["scores"]["ndcg10"]), f"`{row['top'][0]}`"]
        for one in repositories
        for row in one["queries"]
        if row["scores"]["ndcg10"] < _FAILED and row["top"]
    ]
    count = sum(len(one["queries"]) for one in repositories)
    return f"{len(rows)} of {count} are below {_FAILED}.\n\n" + table(
        ["repository", "query", "NDCG@10", "first hit"], rows
    )


def _section(name: str) -> str:
    tell = {
        "units": functools.partial(units, source=DOCUMENTATION),
        "commits": functools.partial(units, source=COMMITS),
        "identifiers": identifiers,
        "cross_validation": cross_validation,
    }[name]
    record = _RESULTS / ("units.json" if name == "commits" else f"{name}.json")
    return tell(json.loads(record.read_text())) if record.is_file() else _NOT_MEASURED


def cross_validation(record: Mapping[str, Any]) -> str:
    """What `cross_validate` found."""
    figures = {
        "the constants in use": record["in use"],
        "each repository left out in turn: the best combination on the others": record["left out"],
        "... the mean of the best combinations on the others": record["left out, mean of best"],
        "the best combination in view": record["best in view"],
        "mean of all combinations": record["all"],
    }
    return table(
        [f"of {record['combinations']} combinations", "NDCG@10"],
        [[name, _number(value)] for name, value in figures.items()],
    )


def units(record: Mapping[str, Any], source: str) -> str:
    """What `units` found with one kind of question, by repository, language and system."""
    rows = [row for row in record["figures"] if row["source"] == source]
    if not rows:
        return _NOT_MEASURED
    whole = {row["system"]: row for row in rows if row["language"] == ALL}
    everything = whole[EVERYTHING]
    baselines = list(whole)[1:3]  # words only, vectors only
    repositories = [
        _unit_row(one, one["figures"], ALL, baselines, source) for one in record["repositories"]
    ]
    named = [{"name": language, "language": language} for language in _languages(rows)]
    languages = [_unit_row(one, rows, one["language"], baselines, source)[1:] for one in named]
    systems = [
        [name, *_metrics(row), f"{row['mrr'] - everything['mrr']:+.3f}"]
        for name, row in whole.items()
    ]
    header = ["language", "questions", *_METRIC_NAMES, *(f"MRR, {name}" for name in baselines)]
    return "\n".join(
        (
            f"{everything['questions']} questions in {sum(map(bool, repositories))} repositories, "
            f"at most {record['sample']} a repository; means over the questions.\n",
            table(["repository", *header], [row for row in repositories if row]),
            table(header, languages),
            table(["variant", *_METRIC_NAMES, "MRR, difference"], systems),
        )
    )


_METRICS = ("mrr", "ndcg10", "hit1", "hit5", "recall50")
_METRIC_NAMES = ("MRR@10", "NDCG@10", "first", "among five", "among fifty")


def _metrics(row: Mapping[str, Any]) -> list[str]:
    return [_number(row[name]) for name in _METRICS]


def _languages(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    return sorted({row["language"] for row in rows} - {ALL})


def _unit_row(
    named: Mapping[str, str],
    figures: Iterable[Mapping[str, Any]],
    language: str,
    baselines: Sequence[str],
    source: str,
) -> list[str]:
    """A repository's (or language's) line; empty without a question."""
    found = {
        row["system"]: row
        for row in figures
        if row["language"] == language and row["source"] == source
    }
    if not found:
        return []
    row = found[EVERYTHING]
    others = [_number(found[name]["mrr"]) for name in baselines]
    return [named["name"], named["language"], str(row["questions"]), *_metrics(row), *others]


def identifiers(record: Mapping[str, Any]) -> str:
    """What `identifiers` found: shares and every failure."""
    failures = record["failures"]
    rows = [
        [form, f"{one['typed']:,}", f"{100 * one['first']:.3f} %"]
        for form, one in record["by_form"].items()
    ]
    rows.append(["**all**", f"{record['typed']:,}", f"**{100 * record['first']:.3f} %**"])
    drawn = f"at most {record['sample']} a repository" if record["sample"] else "all of them"
    views = (
        "" if record["views"] == "all" else ", by names alone, and by all views where those miss"
    )
    lines = [
        f"Names of units in {len(record['by_repository'])} repositories ({drawn}{views}), and how "
        "often a definition of\nthe name came first:\n",
        table(["typed", "names", "first"], rows),
        f"{len(failures)} failures{':' if failures else '.'}\n",
    ]
    if failures:
        cells = [
            [one["repository"], one["form"], f"`{one['typed']}`", one["of"], f"`{one['first']}`"]
            for one in failures
        ]
        lines.append(table(["repository", "form", "typed", "defined in", "came first"], cells))
    return "\n".join(lines)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    body = [[cell.replace("|", "\\|") for cell in row] for row in rows]  # Haskell has such names
    lines = [header, ["---"] * len(header), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _number(value: float) -> str:
    return f"{value:.3f}"


if __name__ == "__main__":
    main()
