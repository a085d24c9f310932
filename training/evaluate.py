"""Every encoder side by side: documentation search, web questions, code to code, speed."""

from __future__ import annotations

import gzip
import itertools
import json
import random
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codesearch.encoder import Encoder, load_encoder
from codesearch.encoder.rows import unit_rows
from codesearch.encoder.text import query_text
from codesearch.languages import parse
from codesearch.settings import EncoderSettings
from codesearch.types import Kind, Unit
from codesearch.words import split_words
from training.documentation import first_sentence, undocumented
from training.heldout import HELD_OUT
from training.pairs import document, from_record, masked
from training.poj import map_at_r, programs
from training.sources import open_package

_FUNCTIONS = {Kind.FUNCTION, Kind.METHOD, Kind.CONSTRUCTOR}
_FEWEST = 20  # documented functions of a package, or it tells little
_SPEED_TEXTS = 256
_FIRST_NUMBERS = (256, 128)  # of a vector, as they are trained (`model.NESTED`)
_LEAST_CODE = 120  # characters; shorter functions say little


@dataclass(frozen=True, slots=True)
class Sets:
    """What there is to measure with; a set that is None is left out."""

    units: Path | None = None  # `harvest`'s folder
    cosqa: Path | None = None  # a folder with the retrieval files of CoSQA
    mirrors: Path | None = None  # git mirrors, among them one collection in many languages
    most: int = 300  # functions of a package


def evaluate(names: Sequence[str], sets: Sets) -> dict[str, dict[str, float]]:
    """Encoder name or path -> metric -> value."""
    return {name: _measure(load_encoder(EncoderSettings(name=name)), sets) for name in names}


def _measure(encoder: Encoder, sets: Sets) -> dict[str, float]:
    found: dict[str, float] = {}
    if sets.units:
        found |= documentation_search(encoder, held_out(sets.units, sets.most))
    if sets.cosqa:
        found |= {"cosqa dev MRR": web_search(encoder, *_cosqa(sets.cosqa))}
    if sets.mirrors:
        found |= code_to_code(encoder, algorithms(sets.mirrors))
        if exercises := programs(sets.mirrors):
            found |= {"POJ-104 MAP@R": map_at_r(encoder, exercises)}
    return {key: round(value, 4) for key, value in found.items()}


def held_out(data: Path, most: int) -> dict[tuple[str, str], list[Unit]]:
    """(language, package) -> documented functions, no two with the same first sentence."""
    pools: dict[tuple[str, str], list[Unit]] = defaultdict(list)
    for package in sorted(HELD_OUT):
        path = data / "units" / f"{package}.jsonl.gz"
        if not path.is_file():
            continue
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            for unit in map(from_record, map(json.loads, stream)):
                if unit.kind in _FUNCTIONS and first_sentence(unit.documentation):
                    pools[unit.language, package].append(unit)
    return {key: _sample(units, most) for key, units in pools.items() if len(units) >= _FEWEST}


def _sample(units: Sequence[Unit], most: int) -> list[Unit]:
    by_sentence = {first_sentence(unit.documentation).lower(): unit for unit in units}
    kept = list(by_sentence.values())
    random.Random(0).shuffle(kept)
    return kept[:most]


def documentation_search(
    encoder: Encoder, pools: Mapping[tuple[str, str], Sequence[Unit]]
) -> dict[str, float]:
    """MRR of first sentences among the functions of their package, by language and overall.

    Overall also with the first numbers of the vectors alone.
    """
    ranks: dict[int, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for (language, _), units in sorted(pools.items()):
        queries = encoder.encode_queries(
            [query_text(first_sentence(unit.documentation)) for unit in units]
        )
        documents = encoder.encode_documents([document(undocumented(unit)) for unit in units])
        width = queries.shape[1]
        for size in (width, *(size for size in _FIRST_NUMBERS if size < width)):
            scores = unit_rows(queries[:, :size]) @ unit_rows(documents[:, :size]).T
            ranks[size][language] += [*_reciprocal(scores, np.arange(len(units)))]
    whole, *cut = ranks
    found = {f"doc {language} MRR": mean(those) for language, those in ranks[whole].items()}
    found["doc MRR (mean of languages)"] = mean(found.values())
    return found | {
        f"… by the first {size} numbers": mean(map(mean, ranks[size].values())) for size in cut
    }


def _reciprocal(scores: NDArray[Any], own: NDArray[Any]) -> list[float]:
    """1 / rank of each row's own column; equals count as better."""
    right = scores[np.arange(len(scores)), own]
    return [float(one) for one in 1 / (scores >= right[:, None]).sum(axis=1)]


def web_search(
    encoder: Encoder, questions: Sequence[tuple[str, int]], codes: Sequence[str]
) -> float:
    """MRR of questions among all codes; a question's code is given by its number."""
    documents = [document(_program(code, "x.py")) for code in codes]
    queries = [query_text(question) for question, _ in questions]
    scores = encoder.encode_queries(queries) @ encoder.encode_documents(documents).T
    return mean(_reciprocal(scores, np.array([own for _, own in questions])))


def _cosqa(folder: Path) -> tuple[list[tuple[str, int]], list[str]]:
    rows = json.loads((folder / "cosqa-retrieval-dev-500.json").read_text())
    numbers = json.loads((folder / "code_idx_map.txt").read_text())
    codes = [""] * len(numbers)
    for code, number in numbers.items():
        codes[number] = code
    return [(row["doc"], int(row["retrieval_idx"])) for row in rows], codes


def _program(code: str, path: str) -> Unit:
    """The first unit of `code`, as indexing would see it."""
    units = parse(path, code.encode("utf-8", "replace")).units
    named = [unit for unit in units if unit.kind is not Kind.WINDOW]
    return (named or list(units) or list(parse("x.txt", b"empty").units))[0]


def code_to_code(encoder: Encoder, programs: Mapping[str, Mapping[str, Unit]]) -> dict[str, float]:
    """MRR of a function among those of another language, by the name that both have."""
    vectors = {
        language: encoder.encode_documents([document(masked(unit)) for unit in units.values()])
        for language, units in programs.items()
    }
    found = {}
    for one, other in itertools.permutations(programs, 2):
        columns = {name: number for number, name in enumerate(programs[other])}
        rows = [(row, columns[name]) for row, name in enumerate(programs[one]) if name in columns]
        if len(rows) >= _FEWEST:
            scores = (vectors[one] @ vectors[other].T)[[row for row, _ in rows]]
            own = np.array([column for _, column in rows])
            found[f"code {one} to {other} MRR"] = mean(_reciprocal(scores, own))
    return found | {"code across languages MRR": mean(found.values())} if found else {}


def algorithms(mirrors: Path) -> dict[str, dict[str, Unit]]:
    """Language -> name in words -> undocumented function, of one collection in many languages."""
    programs: dict[str, dict[str, Unit]] = {}
    for place in sorted(mirrors.glob("TheAlgorithms+*/repo")):
        package = open_package("git", place.parent.name, place)
        for path in package.paths:
            for unit in parse(path, package.read(path)).units:
                words = " ".join(split_words(unit.name))
                if unit.kind in _FUNCTIONS and " " in words and len(unit.body) > _LEAST_CODE:
                    bare = replace(undocumented(unit), path="x", qualified_name=unit.name)
                    programs.setdefault(unit.language, {}).setdefault(words, bare)
    return {language: units for language, units in programs.items() if len(units) >= _FEWEST}


def throughput(names: Sequence[str], data: Path) -> dict[str, float]:
    """Texts a second and core of each encoder, in turns so that other work hits all alike."""
    units = [unit for pool in held_out(data, 60).values() for unit in pool]
    random.Random(0).shuffle(units)
    texts = [document(unit) for unit in units[:_SPEED_TEXTS]]
    encoders = {name: load_encoder(EncoderSettings(name=name, threads=1)) for name in names}
    seconds: dict[str, list[float]] = defaultdict(list)
    for _ in range(3):
        for name, encoder in encoders.items():
            began = time.process_time()
            encoder.encode_documents(texts)
            seconds[name].append(time.process_time() - began)
    return {name: round(len(texts) / min(spent), 1) for name, spent in seconds.items()}
