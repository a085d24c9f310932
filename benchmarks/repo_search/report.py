"""The benchmark's page: figures from a record of `run`, and the notes beside this file."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

_NOTES = Path(__file__).with_name("notes.md")
# Queries below this are listed: the first right file is third or later, or one of two is missing.
_FAILED = 0.6


def page(summary: Mapping[str, Any], repositories: Sequence[Mapping[str, Any]]) -> str:
    """The whole page in Markdown."""
    sections = [
        "# Retrieval\n\nWritten by `python -m benchmarks.repo_search.run --ablate --markdown "
        "docs/retrieval.md`; edit\n`benchmarks/repo_search/notes.md` instead. What the stages do "
        "is in [search.md](search.md).\n",
        "## Search, by repository\n\nNDCG@10 over labelled files, the encoder packaged by "
        "default, beside published figures.\n\n" + _repositories(summary, repositories),
        "## Search, by category and language\n\n" + _groups(summary, repositories),
    ]
    if "ablations" in repositories[0]:
        sections.append("## What each stage is worth\n\n" + _ablations(repositories))
    sections.append(_NOTES.read_text(encoding="utf-8"))
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
    rows += [[f"query p{p}", f"{summary[f'query_ms_p{p}']:.0f} ms"] for p in (50, 95)]
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


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _number(value: float) -> str:
    return f"{value:.3f}"
