"""How good answers are before there is an index: from plain words in the files themselves.

python -m benchmarks.repo_search.first_answers --data ../shared/bench/repo_search --work DIR \
    --source 'mirrors/{owner}+{name}/repo'
"""

from __future__ import annotations

import argparse
from typing import Any

from benchmarks.repo_search.metrics import labels, scores
from benchmarks.repo_search.questions import arguments, repositories, root_and_questions
from codesearch.evaluation.metrics import RECALL_DEPTH, mean
from codesearch.indexing import Glance
from codesearch.search import Searcher
from codesearch.settings import Settings
from codesearch.types import Query


def main() -> None:
    """Measure, and print a Markdown table."""
    given = arguments(__doc__).parse_args()
    print("| repository | NDCG@10 before there is an index | semble, published |\n|---|---|---|")
    rows = []
    for repository in repositories(given):
        rows.append(_measure(repository, given))
        peer = repository["published_ndcg10"]["semble"]
        print(f"| {repository['name']} | {rows[-1]['ndcg10']:.3f} | {peer:.3f} |", flush=True)
    print(f"| **mean** | **{mean(rows)['ndcg10']:.3f}** | |")


def _measure(repository: dict[str, Any], given: argparse.Namespace) -> dict[str, float]:
    root, annotations = root_and_questions(repository, given)
    settings = Settings()
    searcher = Searcher(root, settings, unread=Glance(root, settings, lambda: False))
    return mean([_scores(searcher, annotation) for annotation in annotations])


def _scores(searcher: Searcher, annotation: dict[str, Any]) -> dict[str, float]:
    hits = searcher.search(Query(annotation["query"], limit=RECALL_DEPTH)).hits
    return scores(hits, labels(annotation))


if __name__ == "__main__":
    main()
