"""What resembles a piece of code: four views of each candidate, of equal weight.

- vector: it means the same, by the encoder;
- words:  it uses the same words, by BM25 over all of them;
- shape:  it is built the same, whatever its names (`traits.py`);
- name:   it is named the same, as the implementations of one interface are.

The first two and the name find candidates, and the others' texts are read to compare their shapes.
A view that cannot answer (no encoder yet, a nameless selection, the shape of another language's
code) is left out of the mean.
"""

from __future__ import annotations

import functools
import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from codesearch.search import recall
from codesearch.search.fusion import Candidate
from codesearch.search.origin import Origin
from codesearch.search.places import WINDOW_SHARE
from codesearch.search.rank import AGAIN_SHARE
from codesearch.search.reader import Reader
from codesearch.search.recall import View
from codesearch.search.snippets import Texts
from codesearch.search.stages import ALL_STAGES, Stages
from codesearch.search.traits import likeness, name_of, shape_of
from codesearch.store import Filters, StoredUnit
from codesearch.types import Kind, Span
from codesearch.words import identifiers, split_words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# A copy, white space aside, is as similar as can be: above the mean of the views (at most 1).
COPY = 1.0
# Vectors a search starts from: a long selection has many units, and each vector is a query.
MAX_VECTORS = 8
# Words looked up. Their number hardly costs anything, and the telling ones may come late.
_MAX_WORDS = 256
# Candidates of each view; the text of each is read.
_DEPTH = 100

Read = Callable[[str, Span], str]
Compare = Callable[[Sequence[StoredUnit]], Sequence[float | None]]


def similar_to(
    origin: Origin,
    index: Reader,
    vectors: Sequence[NDArray[np.float32]],
    *,
    texts: Texts,
    limit: int,
    where: Filters,
    stages: Stages = ALL_STAGES,
) -> list[Candidate]:
    """What resembles `origin`, best first; itself and what overlaps it left out.

    `vectors` are those of the origin, each of shape (dimension,); none if they are not known.
    """
    views = _views(origin, index, vectors, depth=max(_DEPTH, limit), where=where, stages=stages)
    found = _found(origin, views)
    units = [candidate.unit for candidate in found]
    read = reader_of(texts)
    compared = _comparisons(origin, views, read, stages)
    measured = {name: compare(units) for name, compare in compared.items()}
    for place, candidate in enumerate(found):
        values = {name: value[place] for name, value in measured.items()}
        answers = {name: value for name, value in values.items() if value is not None}
        candidate.parts.update({name: value / len(answers) for name, value in answers.items()})
    _settle(found, origin, read)
    return list(_each_file_once(found, origin) if stages.once else sorted(found, key=_order))


def _views(
    origin: Origin,
    index: Reader,
    vectors: Sequence[NDArray[np.float32]],
    *,
    depth: int,
    where: Filters,
    stages: Stages,
) -> list[View]:
    """Who finds candidates."""
    near = vectors[:MAX_VECTORS] if stages.vectors else ()
    words = _words(origin.text) if stages.words else ()
    names = (origin.name,) if stages.names and origin.name else ()
    return [
        recall.by_vectors(index, near, depth, where),
        recall.by_words(index, words, depth, where),
        recall.by_names(index, names, where),
    ]


def _found(origin: Origin, views: Sequence[View]) -> list[Candidate]:
    """What the views found besides the origin, each unit once."""
    found: dict[str, Candidate] = {}
    for view in views:
        for one in view.found:
            candidate = found.setdefault(one.unit.id, Candidate(one.unit))
            candidate.views = (*candidate.views, view.name)
    return [one for one in found.values() if not origin.covers(one.unit.path, one.unit.span)]


def _comparisons(
    origin: Origin, views: Sequence[View], read: Read, stages: Stages
) -> Mapping[str, Compare]:
    """Each view's measure of candidates, from 0 to 1, by its name."""
    vector, words, _ = views
    compared: dict[str, Compare] = {}
    if vector.found:
        compared["vector"] = functools.partial(_cosines, vector)
    if words.found:
        compared["words"] = functools.partial(_shares, words)
    if stages.shape:
        compared["shape"] = lambda units: _shapes(origin, units, read)
    if stages.names and origin.name:
        compared["name"] = lambda units: likeness(
            name_of(origin.name), [name_of(_name(unit)) for unit in units]
        )
    return compared


def _cosines(view: View, units: Sequence[StoredUnit]) -> list[float]:
    """Those that the view did not find are at most as near as its last."""
    near = {one.unit.id: one.score for one in view.found}
    last = min(near.values())
    return [max(0.0, near.get(unit.id, last)) for unit in units]


def _shares(view: View, units: Sequence[StoredUnit]) -> list[float]:
    """Of the best BM25, which is the origin's own if the index has it."""
    best = view.found[0].score or 1.0
    held = {one.unit.id: one.score / best for one in view.found}
    return [held.get(unit.id, 0.0) for unit in units]


def _shapes(origin: Origin, units: Sequence[StoredUnit], read: Read) -> list[float | None]:
    """None for another language: what differs there is the grammar, not the code."""
    near = [unit for unit in units if origin.is_comparable(unit.language)]
    shapes = [shape_of(read(unit.path, unit.span)) for unit in near]
    values = likeness(shape_of(origin.text), shapes)
    found = {unit.id: value for unit, value in zip(near, values, strict=True)}
    return [found.get(unit.id) for unit in units]


def _settle(found: Sequence[Candidate], origin: Origin, read: Read) -> None:
    """Add what is not compared: windows stand back, and copies come before everything."""
    wanted = _folded(origin.text)
    for candidate in found:
        unit = candidate.unit
        if unit.kind is Kind.WINDOW:
            candidate.parts["window"] = -WINDOW_SHARE * candidate.score
        if _folded(read(unit.path, unit.span)) == wanted:
            candidate.parts["copy"] = COPY


def _each_file_once(found: Sequence[Candidate], origin: Origin) -> Iterator[Candidate]:
    """Best first, where a further hit of a file loses a share; the origin is its file's first.

    Copies lose nothing.
    """
    queue = [(*_order(one), place) for place, one in enumerate(found)]
    heapq.heapify(queue)
    seen = {origin.path}
    while queue:
        *_, place = heapq.heappop(queue)
        one = found[place]
        is_settled = "same file" in one.parts or "copy" in one.parts
        if one.unit.path in seen and not is_settled:
            one.parts["same file"] = -AGAIN_SHARE * one.score
            heapq.heappush(queue, (*_order(one), place))
            continue
        seen.add(one.unit.path)
        yield one


def _order(one: Candidate) -> tuple[float, str, int]:
    return -one.score, one.unit.path, one.unit.span.start_byte


def reader_of(texts: Texts) -> Read:
    """Reads the text of spans, and each file only once."""
    whole = functools.cache(texts.whole)

    def read(path: str, span: Span) -> str:
        data = whole(path)
        if data is None:
            return texts.of_span(path, span)
        start = span.start_byte - span.start_column
        return data[start : span.end_byte].decode("utf-8", errors="replace")

    return functools.cache(read)


def _words(text: str) -> tuple[str, ...]:
    whole = (name.lower() for name in identifiers(text))
    return tuple(dict.fromkeys([*split_words(text), *whole]))[:_MAX_WORDS]


def _name(unit: StoredUnit) -> str:
    return "" if unit.kind is Kind.WINDOW else unit.name


def _folded(text: str) -> str:
    return " ".join(text.split())
