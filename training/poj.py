"""POJ-104 (Mou et al. 2016): programs that students wrote for the same exercises, in C and C++.

Only exercises of CodeXGLUE's train and validation parts are looked at, and only to measure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import mean

import numpy as np
from numpy.typing import NDArray

from codesearch.encoder import Encoder
from codesearch.types import Kind
from training.pairs import document, from_record
from training.sources import open_package

_MIRROR = "guilhermeivo+dataset-poj-104"  # a file a program, in a folder of its exercise
_EXERCISES = range(3, 73, 3)  # 24 of the 80 that may be used
_PROGRAMS = 100  # of each

Programs = list[tuple[int, str]]  # the exercise's number and the code


def programs(mirrors: Path) -> Programs:
    """24 exercises with 100 programs each; empty if there is no mirror of them."""
    place = mirrors / _MIRROR / "repo"
    if not place.is_dir():
        return []
    package = open_package("git", _MIRROR, place)
    by_exercise: dict[int, list[str]] = defaultdict(list)
    for path in package.paths:  # in the order of a hash, so that the first ones are a sample
        folder, _, rest = path.partition("/")
        number, _, _ = rest.partition("/")
        if folder == "codexglue" and number.isdecimal():
            by_exercise[int(number)].append(path)
    return [
        (number, package.read(path).decode("utf-8", "replace"))
        for number in _EXERCISES
        for path in by_exercise[number][:_PROGRAMS]
    ]


def map_at_r(encoder: Encoder, found: Sequence[tuple[int, str]]) -> float:
    """MAP@R of every program as a question for the others of its exercise, by whole programs."""
    unit = {"path": "x", "language": "cpp", "kind": Kind.WINDOW.value, "name": ""}
    texts = [
        document(from_record({**unit, "qualified_name": "", "documentation": "", "body": code}))
        for _, code in found
    ]
    return mean_precision(encoder.encode_documents(texts), np.array([one for one, _ in found]))


def mean_precision(vectors: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """MAP@R: of each row, the mean precision at its R same-labelled others (Musgrave et al. 2020).

    `vectors`: (n, width), unit rows. `labels`: (n,).
    """
    scores = vectors @ vectors.T
    np.fill_diagonal(scores, -np.inf)
    values = []
    for row, label in zip(scores, labels, strict=True):
        count = int((labels == label).sum()) - 1
        right = labels[np.argsort(-row, kind="stable")[:count]] == label
        precision = np.cumsum(right) / np.arange(1, count + 1)
        values.append(float((precision * right).sum() / count))
    return mean(values)
