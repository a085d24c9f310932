"""Names that are nearly right: does half a name, or one with a slip, find what is meant?

python -m benchmarks.repo_search.misspelt --data ../shared/bench/repo_search --work DIR [--sample 6]

The checkouts and indexes are those of `benchmarks.repo_search.run`. What becomes a name that is
there is not asked. Each is also asked without the views of names.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from codesearch.indexing.scan import scan
from codesearch.languages import parse
from codesearch.search import EncoderHandle, Searcher, Stages
from codesearch.settings import Settings
from codesearch.types import Hit, Kind, Query

_LEAST_LETTERS = 6
_AMONG = 5


def _dropped(name: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(name))
    return name[:at] + name[at + 1 :]


def _swapped(name: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(name) - 1)
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def _replaced(name: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(name))
    return name[:at] + chance.choice("abcdefghijklmnopqrstuvwxyz") + name[at + 1 :]


def _begun(name: str, _: random.Random) -> str:
    return name[: max(4, int(0.6 * len(name)))]


def _without_vowels(name: str, _: random.Random) -> str:
    return name[0] + re.sub("[aeiou]", "", name[1:])


SLIPS: dict[str, Callable[[str, random.Random], str]] = {
    "a letter left out": _dropped,
    "two letters swapped": _swapped,
    "a letter replaced": _replaced,
    "the first 60 %": _begun,
    "no vowels": _without_vowels,
}


def main() -> None:
    """Ask, and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="repos.json")
    parser.add_argument("--work", type=Path, required=True, help="where the checkouts are")
    parser.add_argument("--sample", type=int, default=6, help="names of a repository for each slip")
    given = parser.parse_args()
    handle, chance = EncoderHandle(Settings().encoder), random.Random(0)
    ranks: dict[str, list[tuple[int, int]]] = {slip: [] for slip in SLIPS}
    for repository in json.loads((given.data / "repos.json").read_text()):
        root = (given.work / repository["name"] / (repository["root"] or ".")).resolve()
        _ask(root, handle, chance, given.sample, ranks)
    print("| slip | names | first | among five | first, without | among five, without |")
    print("|---|---|---|---|---|---|")
    for slip, found in ranks.items():
        cells = [
            f"{sum(one[at] <= most for one in found) / len(found):.2f}"
            for at in (0, 1)
            for most in (1, _AMONG)
        ]
        print(f"| {slip} | {len(found)} | {' | '.join(cells)} |")


def _ask(
    root: Path,
    handle: EncoderHandle,
    chance: random.Random,
    sample: int,
    ranks: dict[str, list[tuple[int, int]]],
) -> None:
    """Add the ranks with and without the views of names, for names of one repository."""
    searchers = [Searcher(root, Settings(), handle, stages=one) for one in _SYSTEMS]
    names = _names(root)
    known = {_letters(name) for name in names}
    usable = [name for name in names if len(name) >= _LEAST_LETTERS and re.fullmatch(r"\w+", name)]
    for slip, change in SLIPS.items():
        for name in chance.sample(usable, min(sample, len(usable))):
            typed = change(name, chance)
            if _letters(typed) not in known:
                with_names, without = (
                    _rank(searcher.search(Query(typed), wait_for_encoder=True).hits, name)
                    for searcher in searchers
                )
                ranks[slip].append((with_names, without))
    for searcher in searchers:
        searcher.close()


_SYSTEMS = (Stages(), Stages(names=False))


def _names(root: Path) -> list[str]:
    """The names of what is defined in the repository."""
    names = set()
    for path in sorted(scan(root, Settings().indexing).files):
        found = parse(path, (root / path).read_bytes())
        names.update(unit.name for unit in found.units if unit.kind is not Kind.WINDOW)
    return sorted(names)


def _rank(hits: Sequence[Hit], name: str) -> int:
    letters = _letters(name)
    found = (at for at, hit in enumerate(hits, 1) if _letters(hit.name) == letters)
    return next(found, len(hits) + _AMONG + 1)


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


if __name__ == "__main__":
    main()
