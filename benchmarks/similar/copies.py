"""What a threshold on near-duplicates finds, and what it takes for one by chance.

    python -m benchmarks.similar.copies NAME=DIR …      two repositories a language, if there are

Rewritten functions (`mutate.py`) should be near-duplicates of their originals. A function that has
a near-duplicate in another repository, of other people, has it by chance. And the share of a
repository's functions that have one says how much a user would be shown.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

from benchmarks.similar.corpus import Corpus, read
from benchmarks.similar.mutate import KINDS, mutated, subjects
from codesearch.search.copies import share_in_order
from codesearch.search.places import is_test
from codesearch.search.traits import tokens_of
from codesearch.types import Span, Unit

_THRESHOLDS = (0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
_LEAST_TOKENS = (20, 40, 60)
# Functions a repository: each is compared with thousands.
_SAMPLE = 120

Tokens = tuple[str, ...]


@dataclass(frozen=True)
class Function:
    """A function outside tests, and its row of tokens."""

    unit: Unit
    tokens: Tokens


def functions(corpus: Corpus) -> list[Function]:
    """Those that could be shown to somebody, however short."""
    found = (
        Function(unit, tokens_of(_text(corpus, unit.path, unit.span)))
        for unit in corpus.functions
        if not is_test(unit.path)
    )
    return [one for one in found if len(one.tokens) >= min(_LEAST_TOKENS)]


def nearest(one: Function, others: Iterable[Function], least_tokens: int) -> float:
    """The largest share that `one` has with any other function of its language."""
    best = min(_THRESHOLDS)
    shares = [0.0]
    for other in others:
        is_same = other.unit.path == one.unit.path and other.unit.span.overlaps(one.unit.span)
        if is_same or len(other.tokens) < least_tokens or other.unit.language != one.unit.language:
            continue
        shares.append(share_in_order(one.tokens, other.tokens, best))
        best = max(best, shares[-1])
    return max(shares)


def rewritten(corpus: Corpus) -> Iterator[tuple[str, float]]:
    """Each kind of change, and the share that is left of the function."""
    least = max(_LEAST_TOKENS)
    for one in _sample([one for one in functions(corpus) if len(one.tokens) >= least]):
        subject = subjects(corpus.sources[one.unit.path], [one.unit])[0]
        for kind in KINDS:
            text = mutated(subject, kind)
            if text is not None:
                yield kind, share_in_order(one.tokens, tokens_of(text))


def main() -> None:
    """Measure, and print tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("repositories", nargs="+", metavar="NAME=DIR")
    pairs = [one.partition("=") for one in parser.parse_args().repositories]
    corpora = [read(name, Path(folder)) for name, _, folder in pairs]
    held = {corpus.name: functions(corpus) for corpus in corpora}
    _print_rewritten(corpora)
    _print_by_chance(held)
    _print_within(held)


def _print_rewritten(corpora: Sequence[Corpus]) -> None:
    shares: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for corpus in corpora:
        for kind, share in rewritten(corpus):
            shares[kind].append(share)
    _header("rewritten")
    for kind, values in shares.items():
        _row(kind, values)


def _print_by_chance(held: dict[str, list[Function]]) -> None:
    _header("in an unrelated repository")
    for least in _LEAST_TOKENS:
        values = [
            nearest(one, held[other], least)
            for name, other in permutations(held, 2)
            if _languages(held[name]) & _languages(held[other])
            for one in _sample([one for one in held[name] if len(one.tokens) >= least])
        ]
        _row(f"{least} tokens and more", values)


def _print_within(held: dict[str, list[Function]]) -> None:
    _header("in its own repository")
    least = max(_LEAST_TOKENS)
    for name, found in held.items():
        long = _sample([one for one in found if len(one.tokens) >= least])
        _row(name, [nearest(one, found, least) for one in long])


def _languages(found: Sequence[Function]) -> set[str]:
    """Those that a good part of a repository is written in."""
    names = [one.unit.language for one in found]
    return {name for name in set(names) if names.count(name) > len(names) / 4}


def _sample(found: Sequence[Function]) -> list[Function]:
    return random.Random(1).sample(found, min(_SAMPLE, len(found)))


def _text(corpus: Corpus, path: str, span: Span) -> str:
    start = span.start_byte - span.start_column
    return corpus.sources[path][start : span.end_byte].decode(errors="replace")


def _header(what: str) -> None:
    print(f"\n| {what} | functions | {' | '.join(f'{t:.2f}' for t in _THRESHOLDS)} |")
    print("| --- " * (len(_THRESHOLDS) + 2) + "|")


def _row(name: str, values: Sequence[float]) -> None:
    total = max(1, len(values))
    shares = (sum(value >= each for value in values) / total for each in _THRESHOLDS)
    print(f"| {name} | {len(values)} | {' | '.join(f'{share:.1%}' for share in shares)} |")


if __name__ == "__main__":
    main()
