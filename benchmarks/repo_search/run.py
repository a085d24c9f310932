"""NDCG@10 and friends over the repository-search benchmark, through the real pipeline.

python -m benchmarks.repo_search.run --data ../shared/bench/repo_search --work DIR \
    --source 'mirrors/{owner}+{name}/repo' [--only flask,gin] [--ablate] \
    [--json OUT] [--markdown OUT]
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import Any

import codesearch
from benchmarks.repo_search import questions
from benchmarks.repo_search.ablation import ablations
from benchmarks.repo_search.metrics import labels, scores
from benchmarks.repo_search.report import page
from codesearch.evaluation.metrics import RECALL_DEPTH, mean
from codesearch.search import EncoderHandle
from codesearch.settings import Settings


def main() -> None:
    """Run the benchmark and write its record."""
    arguments = _arguments()
    records = []
    for repository in questions.repositories(arguments):
        record = _measure(repository, arguments)
        records.append(record)
        print(_line(record), flush=True)
    summary = _summary(records)
    print(json.dumps(summary, indent=2))
    if arguments.json:
        arguments.json.write_text(
            json.dumps({"summary": summary, "repositories": records}, indent=1)
        )
    if arguments.markdown:
        arguments.markdown.write_text(page(summary, records))


def _arguments() -> argparse.Namespace:
    parser = questions.arguments(__doc__)
    parser.add_argument("--ablate", action="store_true", help="leave out each stage in turn")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path)
    return parser.parse_args()


def _measure(repository: dict[str, Any], arguments: argparse.Namespace) -> dict[str, Any]:
    root, annotations = questions.root_and_questions(repository, arguments)
    began = time.perf_counter()
    index = codesearch.open(root)
    seconds = time.perf_counter() - began
    with index:
        index.search("warm the encoder up")
        rows = [_ask(index, annotation) for annotation in annotations]
    record = {
        "name": repository["name"],
        "language": repository["language"],
        "published": repository["published_ndcg10"],
        "index_seconds": round(seconds, 2),
        "queries": rows,
        **mean([row["scores"] for row in rows]),
    }
    if arguments.ablate:
        record["ablations"] = ablations(root, annotations, EncoderHandle(Settings().encoder))
    return record


def _ask(index: codesearch.CodeIndex, annotation: dict[str, Any]) -> dict[str, Any]:
    began = time.perf_counter()
    hits = index.search(annotation["query"], limit=RECALL_DEPTH).hits
    milliseconds = 1000 * (time.perf_counter() - began)
    return {
        "query": annotation["query"],
        "category": annotation["category"],
        "ms": round(milliseconds, 2),
        "scores": scores(hits, labels(annotation)),
        "top": [f"{hit.path}:{hit.qualified_name}" for hit in hits[:5]],
    }


def _summary(records: list[dict[str, Any]]) -> dict[str, Any]:
    queries = [row for record in records for row in record["queries"]]
    categories = sorted({row["category"] for row in queries})
    latencies = sorted(row["ms"] for row in queries)
    metrics = [{key: record[key] for key in queries[0]["scores"]} for record in records]
    return {
        **mean(metrics),
        "by_category": {
            name: mean([row["scores"] for row in queries if row["category"] == name])["ndcg10"]
            for name in categories
        },
        "query_ms_p50": statistics.median(latencies),
        "query_ms_p95": latencies[int(0.95 * (len(latencies) - 1))],
    }


def _line(record: dict[str, Any]) -> str:
    ours, semble = record["ndcg10"], record["published"]["semble"]
    return f"{record['name']:12} {ours:.3f} (semble {semble:.3f})  {record['index_seconds']:.1f} s"


if __name__ == "__main__":
    main()
