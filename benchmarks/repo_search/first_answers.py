"""How good answers are before there is an index: from plain words in the files themselves.

python -m benchmarks.repo_search.first_answers --data ../shared/bench/repo_search --work DIR \
    --source 'mirrors/{owner}+{name}/repo'
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from benchmarks.repo_search.checkout import checkout
from benchmarks.repo_search.metrics import labels, scores
from codesearch.evaluation.metrics import RECALL_DEPTH, mean
from codesearch.indexing import Glance
from codesearch.search import Searcher
from codesearch.settings import Settings
from codesearch.types import Query


def main() -> None:
    """Measure, and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="repos.json and annotations/")
    parser.add_argument("--work", type=Path, required=True, help="where checkouts are made")
    parser.add_argument("--source", required=True, help="git folder or URL with {owner} and {name}")
    given = parser.parse_args()
    print("| repository | NDCG@10 before there is an index | semble, published |\n|---|---|---|")
    rows = []
    for repository in json.loads((given.data / "repos.json").read_text()):
        rows.append(_measure(repository, given))
        peer = repository["published_ndcg10"]["semble"]
        print(f"| {repository['name']} | {rows[-1]['ndcg10']:.3f} | {peer:.3f} |", flush=True)
    print(f"| **mean** | **{mean(rows)['ndcg10']:.3f}** | |")


def _measure(repository: dict[str, Any], given: argparse.Namespace) -> dict[str, float]:
    name = repository["name"]
    target = given.work.resolve() / name
    checkout(repository["repository"], repository["revision"], target, given.source)
    root = (target / (repository["root"] or ".")).resolve()
    settings = Settings()
    searcher = Searcher(root, settings, unread=Glance(root, settings, lambda: False))
    annotations = json.loads((given.data / "annotations" / f"{name}.json").read_text())
    return mean([_scores(searcher, annotation) for annotation in annotations])


def _scores(searcher: Searcher, annotation: dict[str, Any]) -> dict[str, float]:
    hits = searcher.search(Query(annotation["query"], limit=RECALL_DEPTH)).hits
    return scores(hits, labels(annotation))


if __name__ == "__main__":
    main()
