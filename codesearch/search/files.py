"""What speaks for a file as a whole, and so for each of its units."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import PurePosixPath

from codesearch.search.fusion import Candidate
from codesearch.search.matching import agreement, coverage, roots

# A file of which many units answer is what the question is about, even if another's single unit
# answers a little better.
COHERENCE = 0.5
# The units of a file that are added up, best first: enough to tell a file that is about
# something from one that touches it, and few, lest the longest file always wins.
UNITS_COUNTED = 12
# The one unit of a file that holds the question's words best speaks for the file, too: what it
# holds of them is often said once, where the work is done, and nowhere else in the file.
FILE_WORDS = 0.3
# People name files for what is in them, and ask for it in the same words.
FILE_NAME = 1.5
# Folders too, but for many things at once.
FOLDER_NAMES = 0.25

# Files that stand for the folder they are in.
_OF_THE_FOLDER = frozenset({"default", "index", "init", "lib", "main", "mod", "package"})


def coherence(candidates: Sequence[Candidate]) -> dict[str, float]:
    """What each path has for its candidates' scores, of which the best path has `COHERENCE`."""
    scores: dict[str, list[float]] = defaultdict(list)
    for candidate in candidates:
        scores[candidate.unit.path].append(candidate.score)
    sums = {path: sum(heapq.nlargest(UNITS_COUNTED, one)) for path, one in scores.items()}
    best = max(sums.values(), default=0.0)
    return {path: COHERENCE * one / best for path, one in sums.items()} if best > 0 else {}


def words_within(candidates: Sequence[Candidate]) -> dict[str, float]:
    """What each path has for the best word score in it, of which the best path has `FILE_WORDS`."""
    found: dict[str, float] = defaultdict(float)
    for candidate in candidates:
        if score := candidate.parts.get("words"):
            found[candidate.unit.path] = max(found[candidate.unit.path], score)
    best = max(found.values(), default=0.0)
    return {path: FILE_WORDS * one / best for path, one in found.items()}


def named_for(asked: tuple[str, ...], path: str) -> Mapping[str, float]:
    """What a path has for the words in its name; `asked` are roots."""
    if not asked:
        return {}
    file, folders = _names_of(path)
    parts = {
        "file name": FILE_NAME * agreement(asked, file),
        "folder": FOLDER_NAMES * coverage(asked, folders),
    }
    return {name: part for name, part in parts.items() if part}


@lru_cache(maxsize=1 << 14)
def _names_of(path: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The roots of a file's name, without its ending, and of its folders' names."""
    *folders, _ = path.split("/")
    stem = PurePosixPath(path).stem
    if stem.lower().strip("_") in _OF_THE_FOLDER and folders:
        stem = folders.pop()
    return roots(stem), roots(" ".join(folders))
