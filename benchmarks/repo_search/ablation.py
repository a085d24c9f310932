"""Each stage of a search left out in turn, and the plain systems it has to be better than."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from benchmarks.repo_search.metrics import labels, scores
from codesearch.evaluation.metrics import DEPTH, mean
from codesearch.search import EncoderHandle, Searcher, Stages
from codesearch.settings import Settings
from codesearch.types import Query

_NOTHING = replace(Stages(), **{field.name: False for field in fields(Stages)})

VARIANTS: Mapping[str, Stages] = {
    "everything": Stages(),
    "words only (BM25)": replace(_NOTHING, words=True, calibrated=True),
    "vectors only": replace(_NOTHING, vectors=True, calibrated=True),
    "words and vectors, fused by rank": replace(_NOTHING, words=True, vectors=True),
    "words and vectors, fused by score": replace(
        _NOTHING, words=True, vectors=True, calibrated=True
    ),
    **{
        f"without {field.name.replace('_', ' ')}": replace(Stages(), **{field.name: False})
        for field in fields(Stages)
    },
}


def ablations(
    root: Path, annotations: Sequence[Mapping[str, Any]], encoder: EncoderHandle
) -> dict[str, float]:
    """The mean NDCG@10 over the queries of one indexed repository, by variant."""
    found = {}
    for name, stages in VARIANTS.items():
        searcher = Searcher(root, Settings(), encoder, stages=stages)
        rows = [
            scores(_hits(searcher, annotation["query"]), labels(annotation))
            for annotation in annotations
        ]
        searcher.close()
        found[name] = mean(rows)["ndcg10"]
    return found


def _hits(searcher: Searcher, text: str) -> Sequence[Any]:
    return searcher.search(Query(text, limit=DEPTH), wait_for_encoder=True).hits
