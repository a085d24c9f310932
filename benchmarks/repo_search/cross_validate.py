"""What the ranking's constants are worth where they were not chosen.

Every view is asked once; then many combinations of constants, drawn at random around those in use,
rank the same candidates. For each repository, the combination that is best on all others is
measured on it: the mean of that is the figure to expect elsewhere (leave one repository out).
Another encoder than the default is taken from the user's settings.

    python -m benchmarks.repo_search.cross_validate --data ../shared/bench/repo_search --work DIR
"""

from __future__ import annotations

import argparse
import functools
import json
import random
import statistics
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import codesearch
from benchmarks.repo_search.metrics import labels, scores
from codesearch.search import EncoderHandle, files, fusion, matching, places, rank, recall
from codesearch.search.stages import ALL_STAGES
from codesearch.search.understand import Understood, understand
from codesearch.settings import load_settings
from codesearch.store import Index
from codesearch.types import Query

# Around each constant in use; coarse, since finer steps would only fit these questions.
CHOICES: Sequence[tuple[ModuleType, str, Sequence[Any]]] = (
    (fusion, "WEIGHTS", [{"vector": vector, "words": 1.0} for vector in (1.5, 2.0, 3.0)]),
    (rank, "OWN_NAME", (0.5, 0.75, 1.0)),
    (rank, "AGAIN_SHARE", (0.1, 0.2)),
    (files, "COHERENCE", (0.5, 0.75, 1.0)),
    (files, "UNITS_COUNTED", (8, 10, 12, 16)),
    (files, "FILE_WORDS", (0.0, 0.15, 0.3)),
    (files, "FILE_NAME", (1.0, 1.5, 2.0)),
    (files, "FOLDER_NAMES", (0.0, 0.25, 0.5)),
    (matching, "NEXT_WORD", (0.5, 0.6, 0.7, 0.8, 1.0)),
    (places, "SELDOM_MEANT", (0.5, 0.6, 0.7)),
    (places, "WINDOW_SHARE", (0.1, 0.2)),
)
_DEPTH = 10
_AMONG_THE_BEST = 10

Combination = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Question:
    asked: Understood
    views: Sequence[recall.View]
    labels: Any


def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="repos.json and annotations/")
    parser.add_argument("--work", type=Path, required=True, help="where the checkouts are")
    parser.add_argument("--combinations", type=int, default=120)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    repositories = json.loads((given.data / "repos.json").read_text())
    drawn = combinations(given.combinations)
    with ProcessPoolExecutor(2) as pool:
        measured = functools.partial(_measured, data=given.data, work=given.work, drawn=drawn)
        rows = list(pool.map(measured, repositories))
    found = {one["name"]: row for one, row in zip(repositories, rows, strict=True)}
    record = {"in use": statistics.mean(row[0] for row in rows), **left_out(found, drawn)}
    print(json.dumps(record, indent=1))
    if given.json:
        given.json.write_text(json.dumps(record, indent=1) + "\n")


def combinations(count: int) -> list[Combination]:
    """The constants in use, then `count` others; the same ones in every run."""
    drawing = random.Random(1)
    in_use = {name: getattr(module, name) for module, name, _ in CHOICES}
    others = ({name: drawing.choice(values) for _, name, values in CHOICES} for _ in range(count))
    return [in_use, *others]


def left_out(found: Mapping[str, Sequence[float]], drawn: Sequence[Combination]) -> dict[str, Any]:
    """The figures by repository, each under what is best on all others.

    Once the best combination, once the mean of the `_AMONG_THE_BEST` best ones' figures, which says
    the same with less luck in it.
    """
    figures, calmer = {}, {}
    for name, row in found.items():
        best = _best([one for other, one in found.items() if other != name])
        figures[name] = row[best[0]]
        calmer[name] = statistics.mean(row[at] for at in best[:_AMONG_THE_BEST])
    best = _best(list(found.values()))
    return {
        "left out": statistics.mean(figures.values()),
        "left out, mean of best": statistics.mean(calmer.values()),
        "by repository": figures,
        "best in view": statistics.mean(row[best[0]] for row in found.values()),
        "constants of that": drawn[best[0]],
        "all": statistics.mean(statistics.mean(row) for row in found.values()),
        "combinations": len(drawn),
    }


def _best(rows: Sequence[Sequence[float]]) -> list[int]:
    """The combinations, those with the best mean over `rows` first."""
    means = [statistics.mean(column) for column in zip(*rows, strict=True)]
    return sorted(range(len(means)), key=lambda at: -means[at])


def _measured(
    repository: Mapping[str, Any], data: Path, work: Path, drawn: Sequence[Combination]
) -> list[float]:
    """NDCG@10 of one repository under each combination."""
    root = (work / repository["name"] / (repository["root"] or ".")).resolve()
    annotations = json.loads((data / "annotations" / f"{repository['name']}.json").read_text())
    codesearch.open(root).close()
    questions = _questions(root, annotations)
    figures = []
    for combination in drawn:
        for module, name, _ in CHOICES:
            setattr(module, name, combination[name])
        matching.agreement.cache_clear()
        figures.append(statistics.mean(_ndcg(question) for question in questions))
    return figures


def _questions(root: Path, annotations: Sequence[Mapping[str, Any]]) -> list[_Question]:
    """Every question with what its views found."""
    encoder = EncoderHandle(load_settings(root)[0].encoder)
    encoder.get(wait=True)
    info = encoder.info
    index = Index.open(root, fingerprint=info.fingerprint, dimension=info.dimension)
    questions = []
    for annotation in annotations:
        asked = understand(Query(annotation["query"], limit=_DEPTH))
        vector = encoder.query_vector(asked.meaning)
        views = recall.every_view(index, asked, [vector], ALL_STAGES, None)
        questions.append(_Question(asked, views, labels(annotation)))
    index.close()
    return questions


def _ndcg(question: _Question) -> float:
    ranked = rank.rank(fusion.blend(question.views), question.asked)
    return scores([one.unit for one in ranked[:_DEPTH]], question.labels)["ndcg10"]


if __name__ == "__main__":
    main()
