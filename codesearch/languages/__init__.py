"""Source text to units: the registry, one query file a language, and the extractor."""

from __future__ import annotations

from codesearch.languages.detect import language_of
from codesearch.languages.parsing import ParseLimits, parse, parse_snippet
from codesearch.languages.registry import LANGUAGES, LanguageInfo

__all__ = ["LANGUAGES", "LanguageInfo", "ParseLimits", "language_of", "parse", "parse_snippet"]
