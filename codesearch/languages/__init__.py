"""Source text to units: the registry, one query file a language, and the extractor."""

from __future__ import annotations

from codesearch.languages.apart import keep_apart, parse, parse_snippet
from codesearch.languages.detect import language_of
from codesearch.languages.parsing import ParseLimits, documentation_ranges
from codesearch.languages.registry import LANGUAGES, LanguageInfo
from codesearch.languages.skips import to_utf8

__all__ = [
    "LANGUAGES",
    "LanguageInfo",
    "ParseLimits",
    "broken_grammars",
    "documentation_ranges",
    "keep_apart",
    "language_of",
    "parse",
    "parse_snippet",
    "to_utf8",
]


def broken_grammars() -> list[str]:
    """Languages whose grammar or query does not load here; seconds, since it loads them all."""
    from codesearch.languages.grammar import broken_languages

    return broken_languages()
