"""What word search sees of a unit."""

from __future__ import annotations

import re
from functools import lru_cache

from codesearch.store.filters import to_stored
from codesearch.types import Unit
from codesearch.words import identifiers, split_words

_SEARCHED_CHARS = 200_000  # of a body: what a table of data adds beyond that is noise
# A stretch of text that may hold a word or an identifier, all of it: no punctuation of ASCII
# stands in one, but for these.
_RUN = re.compile(r"[^\x00-\x23\x25-\x2f\x3a-\x3f\x5b-\x5e\x60\x7b-\x7f]+[?!]?")


def searched_words(unit: Unit) -> str:
    """What word search sees of a unit: its words, and its identifiers whole, all lower-case."""
    fields = (
        unit.path,
        unit.qualified_name,
        unit.signature,
        unit.documentation,
        unit.body[:_SEARCHED_CHARS],
    )
    return to_stored(" ".join(map(_words_of_run, _RUN.findall("\n".join(fields)))))


@lru_cache(maxsize=1 << 15)  # code says the same few thousand names over and over
def _words_of_run(run: str) -> str:
    pieces = split_words(run)
    whole = (name.lower() for name in identifiers(run))
    return " ".join([*pieces, *(name for name in whole if name not in pieces)])
