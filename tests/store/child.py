"""Another process at an index: `python -m tests.store.child read|write ROOT`."""

from __future__ import annotations

import sys
from pathlib import Path

from codesearch.store import Index, IndexedUnit
from tests.store.units import indexed, names, open_index, unit, vector_of

FILES = 12
UNITS = 5


def main() -> None:
    mode, root = sys.argv[1], Path(sys.argv[2])
    index = open_index(root, writable=mode == "write")
    print("ready", flush=True)
    if mode == "write":
        write_for_ever(index)
    else:
        answer(index)


def answer(index: Index) -> None:
    """For each word on a line of the input, the names that hold it, by every view."""
    for line in sys.stdin:
        found = names(index.search_words([line.strip()], 10))
        near = len(index.search_vectors(vector_of(line.strip()), 50))
        print(index.counts().units, near, *sorted(found), flush=True)


def write_for_ever(index: Index) -> None:
    """Replace all files in pairs again and again; the two of a pair always hold the same round."""
    for number in range(1_000_000):
        for pair in range(0, FILES, 2):
            index.replace_files({path: round_of(path, number) for path in pair_of(pair)})
        index.maintain(force=number % 2 == 0)


def pair_of(at: int) -> tuple[str, str]:
    return f"{at}.py", f"{at + 1}.py"


def round_of(path: str, number: int) -> list[IndexedUnit]:
    vectors = (vector_of(f"{path}{number}"), vector_of(f"{number}"))
    return [
        indexed(unit(path, f"round{number}", start=at * 20 + number % 3), *vectors)
        for at in range(UNITS)
    ]


if __name__ == "__main__":
    main()
