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
def definitions_query(name: str) -> Query:
    """The language's query with errors added.

    Compiling one takes up to half a second (Swift, Elixir), in which the GIL is held: once a
    process, and so best done in the worker.

    Raises:
        FileNotFoundError: the language has no query file.
        tree_sitter.QueryError: the query names a node that the grammar lacks.
    """
    file = resources.files("codesearch.languages") / "queries" / LANGUAGES[name].query_file
    return Query(grammar(name), file.read_text(encoding="utf-8") + "\n(ERROR) @error\n")


def broken_languages() -> list[str]:
    """Languages of the registry whose grammar or query does not load here."""
    return [name for name in LANGUAGES if not _loads(name)]


def _loads(name: str) -> bool:
    try:
        definitions_query(name)
    except Exception:  # whatever a foreign wheel raises, the language cannot be read
        return False
    return True
