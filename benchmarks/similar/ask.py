"""Puts the questions of one repository to the searcher, in one variant of it."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from benchmarks.repo_search.metrics import Label, ranks
from benchmarks.similar.corpus import Corpus
from benchmarks.similar.measure import LIMIT, original_rank, pair_scores
from benchmarks.similar.mutate import KINDS, Subject, mutated, subjects, without_name
from benchmarks.similar.pairs import Case, cases
from codesearch.languages import documentation_ranges
from codesearch.search import EncoderHandle, Searcher, Stages
from codesearch.settings import Settings
from codesearch.types import Hit, Query, Target, Unit

_NOTHING = replace(Stages(), **{field.name: False for field in fields(Stages)})
VARIANTS: Mapping[str, Stages] = {
    "everything": Stages(),
    "words only": replace(_NOTHING, words=True),
    "vectors only": replace(_NOTHING, vectors=True),
    "without vectors": replace(Stages(), vectors=False),
    "without words": replace(Stages(), words=False),
    "without names": replace(Stages(), names=False),
    "without shape": replace(Stages(), shape=False),
    "each file as often as it comes": replace(Stages(), once=False),
}
# Shorter functions have nothing to reorder or to translate.
_LEAST_LINES = 6
_CROSS_LANGUAGE = "same algorithm"
_MASKED = "same documentation"

Row = dict[str, Any]


class Asker:
    """One repository, one variant."""

    def __init__(self, corpus: Corpus, encoder: EncoderHandle, variant: str) -> None:
        self._corpus = corpus
        self._variant = variant
        self._searcher = Searcher(corpus.root, Settings(), encoder, stages=VARIANTS[variant])

    def close(self) -> None:
        self._searcher.close()

    def labelled(self, annotations: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
        """`seed` and `related` of the annotations: files that should be among the hits."""
        for one in annotations:
            if "seed" not in one:
                continue
            path = one["seed"]["path"]
            hits = self._ask(Target(self._indexed(path), one["seed"]["line"] - 1))
            found = ranks(hits, [Label(self._indexed(related)) for related in one["related"]])
            first = found[0] if found else 0
            yield self._row("related files", "", path) | {
                "mrr": 1 / first if 0 < first <= 10 else 0.0,
                "hit1": float(first == 1),
                "hit5": float(0 < first <= 5),
                "recall10": sum(rank <= 10 for rank in found) / len(one["related"]),
                "same_file5": sum(hit.path == self._indexed(path) for hit in hits[:5]) / 5,
            }

    def pairs(self, most: int) -> Iterator[Row]:
        """Held-out pairs, from the function in its file, and once more under another name."""
        languages = {unit.language for unit in self._corpus.functions}
        algorithms = len(languages) > 2 and "algorithms" in self._corpus.name
        for case in cases(self._corpus, most if not algorithms else 10 * most):
            if (case.rule == _CROSS_LANGUAGE) != algorithms:
                continue
            for named in (True, False):
                yield self._pair(case, named=named)

    def mutations(self, most: int) -> Iterator[Row]:
        """Rewritten functions, as snippets from nowhere: the rank of the original."""
        long = [
            unit
            for unit in self._corpus.functions
            if unit.span.end_line - unit.span.start_line + 1 >= _LEAST_LINES
        ]
        chosen = random.Random(self._corpus.name).sample(long, min(most, len(long)))
        copies = defaultdict(list)
        for unit in self._corpus.units:
            copies[" ".join(unit.body.split())].append(unit)
        for unit in chosen:
            subject = self._subject(unit)
            same = copies[" ".join(unit.body.split())]
            for kind in KINDS:
                text = mutated(subject, kind)
                if text is not None:
                    hits = self._ask(Target(text=text, language=unit.language))
                    rank = original_rank(hits, unit, same)
                    row = self._row("mutations", kind, f"{unit.path}:{unit.qualified_name}")
                    yield row | {"rank": rank, "hit1": float(rank == 1), "language": unit.language}

    def _pair(self, case: Case, *, named: bool) -> Row:
        origin = case.origin
        span = origin.span
        if named and case.rule != _MASKED:
            target = Target(origin.path, span.start_line, column=origin.name_span.start_column)
            target = replace(target, start_line=origin.name_span.start_line)
        else:
            text = self._hidden(origin, named=named)
            target = Target(origin.path, span.start_line, span.end_line, text, origin.language)
        began = time.perf_counter()
        hits = self._ask(target)
        milliseconds = 1000 * (time.perf_counter() - began)
        which = case.rule if named else f"{case.rule}, name hidden"
        row = self._row("pairs", which, f"{origin.path}:{origin.qualified_name}")
        scores = pair_scores(hits, case)
        top = [f"{hit.path}:{hit.qualified_name}" for hit in hits[:3]]
        return row | scores | {"ms": round(milliseconds, 2), "top": top}

    def _hidden(self, unit: Unit, *, named: bool) -> str:
        """The unit's text without its documentation, and without its name if so asked."""
        subject = self._subject(unit)
        text = without_name(subject) if not named else subject.text.decode(errors="replace")
        start = unit.span.start_byte - unit.span.start_column
        ranges = documentation_ranges(unit.path, self._corpus.sources[unit.path]).get(unit.id, ())
        for begin, end in ranges:
            inside = subject.text[max(0, begin - start) : max(0, end - start)]
            if inside:
                text = text.replace(inside.decode(errors="replace"), "")
        return text

    def _subject(self, unit: Unit) -> Subject:
        return subjects(self._corpus.sources[unit.path], [unit])[0]

    def _indexed(self, path: str) -> str:
        """A path of the annotations, from the checkout's top, as it is under the indexed root."""
        fits = (one for one in self._corpus.sources if path == one or path.endswith("/" + one))
        return max(fits, key=len, default=path)

    def _ask(self, target: Target) -> Sequence[Hit]:
        return self._searcher.similar(target, Query("", limit=LIMIT), wait_for_encoder=True).hits

    def _row(self, name: str, part: str, of: str) -> Row:
        return {
            "repository": self._corpus.name,
            "variant": self._variant,
            "set": name,
            "part": part,
            "of": of,
        }
