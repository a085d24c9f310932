"""The repositories of the benchmark, and what is asked about each: for whoever asks them all."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from benchmarks.repo_search.checkout import checkout


def arguments(description: str | None) -> argparse.ArgumentParser:
    """A parser that knows where repositories and questions are, and which are wanted."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, required=True, help="repos.json and annotations/")
    parser.add_argument("--work", type=Path, required=True, help="where checkouts are made")
    parser.add_argument("--source", required=True, help="git folder or URL with {owner} and {name}")
    parser.add_argument("--only", help="names, separated by commas")
    return parser


def repositories(given: argparse.Namespace) -> list[dict[str, Any]]:
    """Those of `repos.json` that are wanted."""
    every: list[dict[str, Any]] = json.loads((given.data / "repos.json").read_text())
    wanted = given.only.split(",") if given.only else None
    return [one for one in every if wanted is None or one["name"] in wanted]


def root_and_questions(
    repository: dict[str, Any], given: argparse.Namespace
) -> tuple[Path, list[dict[str, Any]]]:
    """The folder to search, checked out if it is not there, and the questions about it."""
    name = repository["name"]
    target = given.work.resolve() / name
    checkout(repository["repository"], repository["revision"], target, given.source)
    annotations = json.loads((given.data / "annotations" / f"{name}.json").read_text())
    return (target / (repository["root"] or ".")).resolve(), annotations
