"""The page of results: a table a set, what failed, and the notes beside this file.

python -m benchmarks.similar.report RECORD ... --markdown benchmarks/results/similar.md

RECORDs are what `run --json` wrote, as of one variant or repository each.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.repo_search.report import table
from benchmarks.similar.measure import mean
from benchmarks.similar.mutate import HARDER, KEEPING

_NOTES = Path(__file__).with_name("notes.md")
_FIGURES = ("mrr", "hit1", "hit5", "recall10", "same_file5")
_HEADER = ("MRR", "hit@1", "hit@5", "recall@10", "same file in the first 5")
_MOST_FAILURES = 60
_ALL = "**together**"

_HEAD = """\
# Find similar

Written by `python -m benchmarks.similar.run`; edit `benchmarks/similar/notes.md` instead. What the
sets are is told in [its README](../similar/README.md), what is compared in
[search.md](../../docs/search.md#similar-code). "Vectors only" is what "find similar" was before the
other views came.
"""

Row = Mapping[str, Any]


def main() -> None:
    """Write the page from records that are there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=Path, nargs="+")
    parser.add_argument("--markdown", type=Path, required=True)
    arguments = parser.parse_args()
    rows = [row for record in arguments.records for row in json.loads(record.read_text())]
    arguments.markdown.write_text(page(rows))


def page(rows: Sequence[Row]) -> str:
    """Markdown from all rows of a run."""
    parts = [_HEAD]
    labelled = [row for row in rows if row["set"] == "related files"]
    if labelled:
        parts.append("## Related files of the annotations\n\n" + _figures(labelled, "set"))
    pairs = [row for row in rows if row["set"] == "pairs"]
    parts.append("## Held-out pairs\n\n" + _figures(pairs, "part"))
    parts.append("### By repository, all rules\n\n" + _by_repository(pairs))
    parts.append("## Mutations\n\n" + _mutations(rows))
    parts.append("### Originals that were not first\n\n" + _failures(rows))
    parts.append(_NOTES.read_text(encoding="utf-8"))
    return "\n".join(parts)


def _figures(rows: Sequence[Row], key: str) -> str:
    lines = []
    for part in (*sorted({row[key] for row in rows}), _ALL):
        for variant in _variants(rows):
            those = [row for row in rows if part in (row[key], _ALL) and row["variant"] == variant]
            if those:
                figures = mean([{name: row[name] for name in _FIGURES} for row in those])
                numbers = [f"{figures[name]:.3f}" for name in _FIGURES]
                lines.append([part, str(len(those)), variant, *numbers])
    return table(["set", "size", "variant", *_HEADER], lines)


def _by_repository(rows: Sequence[Row]) -> str:
    variants = _variants(rows)
    lines = []
    for name in dict.fromkeys(row["repository"] for row in rows):
        those = [row for row in rows if row["repository"] == name]
        numbers = [_mrr(row for row in those if row["variant"] == variant) for variant in variants]
        lines.append([name, str(len(those) // len(variants)), *numbers])
    return table(["repository", "size", *(f"MRR, {one}" for one in variants)], lines)


def _mrr(rows: Iterable[Row]) -> str:
    values = [row["mrr"] for row in rows]
    return f"{statistics.mean(values):.3f}" if values else ""


def _mutations(rows: Sequence[Row]) -> str:
    found = [row for row in rows if row["set"] == "mutations"]
    variants = _variants(found)
    lines = [_share(kind, found, (kind,), variants) for kind in KEEPING]
    lines.append(_share("**together**", found, KEEPING, variants))
    lines += [_share(f"{kind} (harder)", found, (kind,), variants) for kind in HARDER]
    functions = len({(row["repository"], row["of"]) for row in found})
    languages = Counter(row["language"] for row in found)
    return (
        f"{functions} functions, {len(languages)} languages; share with the original first.\n\n"
        + table(["mutation", "size", *variants], lines)
    )


def _share(
    label: str, rows: Iterable[Row], kinds: Sequence[str], variants: Sequence[str]
) -> list[str]:
    those = [row for row in rows if row["part"] in kinds]
    shares = []
    for variant in variants:
        firsts = [row["hit1"] for row in those if row["variant"] == variant]
        shares.append(f"{100 * statistics.mean(firsts):.1f} %" if firsts else "")
    return [label, str(len(those) // max(1, len(variants))), *shares]


def _failures(rows: Sequence[Row]) -> str:
    failed = [
        row
        for row in rows
        if row["set"] == "mutations"
        and row["variant"] == "everything"
        and row["part"] in KEEPING
        and row["rank"] != 1
    ]
    lines = [
        [row["part"], row["repository"], f"`{row['of']}`", str(row["rank"] or "not found")]
        for row in failed[:_MOST_FAILURES]
    ]
    return f"{len(failed)} of the mutations that keep the behaviour.\n\n" + table(
        ["mutation", "repository", "function", "rank"], lines
    )


def _variants(rows: Iterable[Row]) -> list[str]:
    return list(dict.fromkeys(row["variant"] for row in rows))


if __name__ == "__main__":
    main()
