"""Grammars and queries, each loaded once, when a file first needs it."""

from __future__ import annotations

import importlib
from functools import cache
from importlib import resources

from tree_sitter import Language, Query

from codesearch.languages.registry import LANGUAGES


@cache
def grammar(name: str) -> Language:
    """The compiled grammar of a registry language.

    Raises:
        ImportError: its wheel is not installed.
    """
    info = LANGUAGES[name]
    module = importlib.import_module(info.grammar)
    return Language(getattr(module, info.grammar_function)())


@cache
def definitions_query(name: str) -> Query | None:
    """The language's query with errors added, or None while it has no query file.

    Raises:
        tree_sitter.QueryError: the query names a node that the grammar lacks.
    """
    file = resources.files("codesearch.languages") / "queries" / LANGUAGES[name].query_file
    if not file.is_file():
        return None
    return Query(grammar(name), file.read_text(encoding="utf-8") + "\n(ERROR) @error\n")
