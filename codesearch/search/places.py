"""Places that are seldom meant: tests, other people's code, prose, text outside definitions.

Each takes a share of a candidate's evidence, so that the best of such a place still stands before
what hardly answers at all.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePosixPath

from codesearch.search.fusion import Candidate
from codesearch.search.understand import Understood
from codesearch.types import Kind

# Tests repeat the words of what they test more often than the code itself does, prose is about code
# in the very words of a question, and copies of other people's code are seldom what one looks for
# in one's own repository: all three stand behind code, unless hardly any code answers.
SELDOM_MEANT = 0.6
# A window mentions things; a unit is something. Equal otherwise, the definition comes first.
WINDOW_SHARE = 0.1

_TEST_FOLDERS = frozenset({"test", "tests", "testing", "spec", "specs", "__tests__", "testdata"})
# A name that begins with "test" says so only where test runners look for such names: the file
# `test_functions.sh` may well be what runs the tests.
_TEST_FILE = re.compile(
    r"^(test[_-].*\.(py|rb|c|cc|cpp|cxx|lua|jl|R|pl)|.*[_.-](test|tests|spec)\.\w+|.*Tests?\.\w+"
    r"|conftest\.py)$"
)
_TEST_WORDS = frozenset({"test", "tests", "testing", "spec", "specs", "fixture", "mock", "assert"})
_VENDORED = frozenset(
    {"vendor", "vendored", "_vendor", "third_party", "thirdparty", "external", "node_modules"}
)
_PROSE = frozenset({"adoc", "asciidoc", "md", "markdown", "mdx", "org", "rst", "txt"})
_PROSE_WORDS = frozenset({"changelog", "doc", "docs", "documentation", "guide", "readme"})


def shares(candidate: Candidate, query: Understood) -> dict[str, float]:
    """The share (0 to 1) that each of the candidate's places takes, by its name."""
    unit, found = candidate.unit, {}
    if not query.filters.paths:  # else the user chose the places
        if is_test(unit.path) and _TEST_WORDS.isdisjoint(query.words):
            found["test"] = SELDOM_MEANT
        if is_vendored(unit.path):
            found["vendored"] = SELDOM_MEANT
        if is_prose(unit.path) and _PROSE_WORDS.isdisjoint(query.words):
            found["prose"] = SELDOM_MEANT
    if unit.kind is Kind.WINDOW and "path" not in candidate.views:
        found["window"] = WINDOW_SHARE
    return found


@lru_cache(maxsize=1 << 14)
def is_test(path: str) -> bool:
    """Whether a file is a test by the habits of the common languages."""
    *folders, name = path.split("/")
    if not _TEST_FOLDERS.isdisjoint(folder.lower() for folder in folders):
        return True
    return bool(_TEST_FILE.match(name))


@lru_cache(maxsize=1 << 14)
def is_vendored(path: str) -> bool:
    """Whether a file lies in a folder for code from elsewhere."""
    return not _VENDORED.isdisjoint(path.split("/")[:-1])


@lru_cache(maxsize=1 << 14)
def is_prose(path: str) -> bool:
    """Whether a file is written for people to read."""
    return PurePosixPath(path).suffix[1:].lower() in _PROSE
