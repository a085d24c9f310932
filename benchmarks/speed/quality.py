"""What is taken for speed, taken back one by one: does it cost retrieval?

python -m benchmarks.speed.quality --data ../shared/bench/repo_search --work DIR \
    --source 'mirrors/{owner}+{name}/repo' [--only flask,gin]

The questions of benchmarks/repo_search are asked with everything as it is, and again with the slow
way of one thing. Everything else that was made faster gives the same answers by construction.
"""

from __future__ import annotations

import argparse
import json
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from statistics import mean
from typing import Any
from unittest.mock import patch

import codesearch
import codesearch.encoder
from benchmarks.repo_search.checkout import checkout
from benchmarks.repo_search.metrics import labels, scores

Answers = list[tuple[float, tuple[str, ...]]]  # NDCG@10, and the first ten

_WAYS: dict[str, AbstractContextManager[Any]] = {
    "as it is": nullcontext(),
    "questions encoded by torch, as documents are": patch.object(
        codesearch.encoder, "load_query_encoder", codesearch.encoder.load_encoder
    ),
    "vectors compared in the table, in full": patch("codesearch.store.reading.IN_MEMORY_ROWS", 0),
}


def main() -> None:
    """Print a line a way: the mean over repositories, and how many answers differ."""
    given = _given()
    repositories = json.loads((given.data / "repos.json").read_text())
    if given.only:
        repositories = [one for one in repositories if one["name"] in given.only.split(",")]
    print("| | NDCG@10 | questions whose first ten differ |\n|---|---|---|")
    usual: list[Answers] = []
    for name, way in _WAYS.items():
        with way:
            found = [_asked(one, given) for one in repositories]
        usual = usual or found
        value = mean(mean(ndcg for ndcg, _ in answers) for answers in found)
        pairs = [
            (one, other)
            for answers, before in zip(found, usual, strict=True)
            for (_, one), (_, other) in zip(answers, before, strict=True)
        ]
        differ = sum(one != other for one, other in pairs)
        print(f"| {name} | {value:.4f} | {differ} of {len(pairs)} |", flush=True)


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="repos.json and annotations/")
    parser.add_argument("--work", type=Path, required=True, help="where checkouts are made")
    parser.add_argument("--source", required=True, help="git folder or URL with {owner} and {name}")
    parser.add_argument("--only", help="names, separated by commas")
    return parser.parse_args()


def _asked(repository: dict[str, Any], given: argparse.Namespace) -> Answers:
    name = repository["name"]
    target = given.work.resolve() / name
    checkout(repository["repository"], repository["revision"], target, given.source)
    annotations = json.loads((given.data / "annotations" / f"{name}.json").read_text())
    with codesearch.open((target / (repository["root"] or ".")).resolve()) as index:
        index.search("warm the encoder up")
        return [_answer(index, annotation) for annotation in annotations]


def _answer(index: codesearch.CodeIndex, annotation: dict[str, Any]) -> tuple[float, Any]:
    hits = index.search(annotation["query"], limit=10).hits
    found = tuple(f"{hit.path}:{hit.qualified_name}" for hit in hits)
    return scores(hits, labels(annotation))["ndcg10"], found


if __name__ == "__main__":
    main()
