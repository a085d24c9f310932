"""How fast a question is answered, stage by stage: `python -m benchmarks.speed.query ROOT`.

ROOT has an index already. The limit is what LanceDB takes for its own part of a search: one bare
vector query and one bare full-text query on the same table, one after the other, ids and scores
alone. Every question is followed by both, so that whatever else the machine does weighs on all
alike; times are told as ratios to that limit, and in milliseconds for the curious.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from codesearch.encoder import describe
from codesearch.paths import index_home
from codesearch.search import EncoderHandle, Searcher
from codesearch.search.understand import understand
from codesearch.settings import Settings
from codesearch.types import Query

QUESTIONS = (
    "where are retries delayed",
    "parse a configuration file",
    "how is the cache invalidated",
    "open a connection to the server",
    "get_value",
    "Client.send",
    "serialze",
    "convert a date to text",
    "error handling of requests",
    "lang:python read lines of a file",
    "return self.items[key]",
    "user permissions are checked",
)
_STAGES = ("names", "words", "vectors", "ranking", "snippets", "encoding")
LIMIT = "bare LanceDB: a vector query and a word query"
_CANDIDATES = 200

Times = dict[str, list[float]]


def main() -> None:
    """Ask, and print a Markdown table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path, help="an indexed repository; 50,000 units are usual")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    times, units = measure(given.root.resolve(), given.rounds)
    figures = {name: _figures(found, times[LIMIT]) for name, found in times.items()}
    if given.json:
        print(json.dumps({"units": units, "figures": figures}, indent=1))
        return
    print(f"{units:,} units, times over those of the last row\n")
    print("| what | p50 | p95 | p50 ms | p95 ms |\n|---|---|---|---|---|")
    for name, row in figures.items():
        cells = " | ".join(f"{row[key]:.2f}" for key in ("p50", "p95"))
        print(f"| {name} | {cells} | {row['p50_ms']:.1f} | {row['p95_ms']:.1f} |")


def measure(root: Path, rounds: int) -> tuple[Times, int]:
    """Milliseconds of every question, of its stages and of the limit; and how many units."""
    handle = EncoderHandle(Settings().encoder)
    searcher = _Timed(root, handle)
    units = searcher.search(Query("warm up"), wait_for_encoder=True).units
    limit = _limit(root, handle)
    times: Times = {}
    for number in range(rounds):
        for question in QUESTIONS:
            text = f"{question} {'again' * number}".strip()  # nothing remembers this one yet
            searcher.times = {}
            whole = _timed(lambda text=text: searcher.search(Query(text)))
            parts = {name: searcher.times.get(name, 0.0) for name in _STAGES}
            found = {"a question": whole, "a question, without encoding": whole - parts["encoding"]}
            found |= {"the same question again": _timed(lambda t=text: searcher.search(Query(t)))}
            found |= {**{f"... {name}": took for name, took in parts.items()}, LIMIT: limit(text)}
            for name, took in found.items():
                times.setdefault(name, []).append(took)
    return times, units


class _Timed(Searcher):
    """A searcher that notes how long its stages take, and its index the views."""

    def __init__(self, root: Path, handle: EncoderHandle) -> None:
        super().__init__(root, Settings(), handle, through=self._watched)
        self.times: dict[str, float] = {}

    def _watched(self, index: Any) -> Any:
        views = {"find_names": "names", "search_words": "words", "search_vectors": "vectors"}
        return _Watched(index, views, self._note)

    def _query_vectors(self, *given: Any, **named: Any) -> Any:
        return self._note("encoding", lambda: super(_Timed, self)._query_vectors(*given, **named))

    def _ranked(self, *given: Any) -> Any:
        return self._note("ranking", lambda: super(_Timed, self)._ranked(*given))

    def _hits(self, *given: Any) -> Any:
        return self._note("snippets", lambda: super(_Timed, self)._hits(*given))

    def _note(self, stage: str, action: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        try:
            return action()
        finally:
            took = 1000 * (time.perf_counter() - began)
            self.times[stage] = self.times.get(stage, 0.0) + took


class _Watched:
    """An index whose views are timed."""

    def __init__(self, index: Any, views: dict[str, str], note: Callable[..., Any]) -> None:
        self._index, self._views, self._note = index, views, note

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._index, name)
        if name not in self._views:
            return method
        return lambda *given: self._note(self._views[name], lambda: method(*given))


def _limit(root: Path, handle: EncoderHandle) -> Callable[[str], float]:
    """Times the two bare queries for a question. Only the benchmark goes past the store."""
    import lancedb
    from lancedb.query import MatchQuery

    from codesearch.store.layout import TABLE_NAME

    assert describe(Settings().encoder) == handle.info
    table = lancedb.connect(index_home(root)).open_table(TABLE_NAME)

    def ask(text: str) -> float:
        asked = understand(Query(text))
        vector = handle.query_vector(asked.meaning)
        words = MatchQuery(" ".join(asked.words), "words")
        near = table.search(vector, vector_column_name="vector").distance_type("dot")
        found = table.search(words, query_type="fts")

        def both() -> None:
            near.limit(_CANDIDATES).select(["id", "_distance"]).to_arrow()
            found.limit(_CANDIDATES).select(["id", "_score"]).to_arrow()

        return _timed(both)

    return ask


def _timed(action: Callable[[], Any]) -> float:
    began = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - began)


def _figures(found: list[float], limit: list[float]) -> dict[str, float]:
    p50, p95 = statistics.median(found), _p95(found)
    return {
        "p50": p50 / statistics.median(limit),
        "p95": p95 / _p95(limit),
        "p50_ms": p50,
        "p95_ms": p95,
    }


def _p95(found: list[float]) -> float:
    return sorted(found)[int(0.95 * (len(found) - 1))]


if __name__ == "__main__":
    main()
