"""What is taken for speed, taken back one by one: does it cost retrieval?

python -m benchmarks.speed.quality --data ../shared/bench/repo_search --work DIR \
    --source 'mirrors/{owner}+{name}/repo' [--only flask,gin]

The questions of benchmarks/repo_search are asked with everything as it is, and again with the slow
way of one thing. Everything else that was made faster gives the same answers by construction.
"""

from __future__ import annotations

import argparse
from contextlib import AbstractContextManager, nullcontext
from statistics import mean
from typing import Any
from unittest.mock import patch

import codesearch
import codesearch.encoder
from benchmarks.repo_search.metrics import labels, scores
from benchmarks.repo_search.questions import arguments, repositories, root_and_questions

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
    given = arguments(__doc__).parse_args()
    print("| | NDCG@10 | questions whose first ten differ |\n|---|---|---|")
    usual: list[Answers] = []
    for name, way in _WAYS.items():
        with way:
            found = [_asked(one, given) for one in repositories(given)]
        usual = usual or found
        value = mean(mean(ndcg for ndcg, _ in answers) for answers in found)
        pairs = [
            (one, other)
            for answers, before in zip(found, usual, strict=True)
            for (_, one), (_, other) in zip(answers, before, strict=True)
        ]
        differ = sum(one != other for one, other in pairs)
        print(f"| {name} | {value:.4f} | {differ} of {len(pairs)} |", flush=True)


def _asked(repository: dict[str, Any], given: argparse.Namespace) -> Answers:
    root, annotations = root_and_questions(repository, given)
    with codesearch.open(root) as index:
        index.search("warm the encoder up")
        return [_answer(index, annotation) for annotation in annotations]


def _answer(index: codesearch.CodeIndex, annotation: dict[str, Any]) -> tuple[float, Any]:
    hits = index.search(annotation["query"], limit=10).hits
    found = tuple(f"{hit.path}:{hit.qualified_name}" for hit in hits)
    return scores(hits, labels(annotation))["ndcg10"], found


if __name__ == "__main__":
    main()
