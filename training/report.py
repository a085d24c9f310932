"""Measurements as a table."""

from __future__ import annotations

from collections.abc import Mapping


def table(found: Mapping[str, Mapping[str, float]]) -> str:
    """Markdown: a row a metric, a column an encoder."""
    names = list(found)
    metrics = dict.fromkeys(metric for values in found.values() for metric in values)
    lines = [_row("metric", *(_short(name) for name in names)), _row(*["---"] * (len(names) + 1))]
    for metric in metrics:
        values = (found[name].get(metric, float("nan")) for name in names)
        lines += [_row(metric, *(f"{value:.3f}" for value in values))]
    return "\n".join(lines)


def _short(name: str) -> str:
    return "/".join(name.rstrip("/").split("/")[-2:])


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
