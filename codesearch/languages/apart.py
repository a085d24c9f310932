"""Parsing in another process, for one that must neither stand still nor be taken along.

Compiling a language's query holds the interpreter's lock for up to 0.2 seconds, and a fault in
a grammar ends the process. An indexer can live with both; an editor's server cannot.
"""

from __future__ import annotations

import logging
from threading import Thread

from codesearch.helper import Helper, HelperDiedError
from codesearch.languages import parsing
from codesearch.languages.parsing import DEFAULT_LIMITS, ParseLimits
from codesearch.types import ParsedFile

_log = logging.getLogger(__name__)

# A parse ends itself after five seconds; one that has not by now never will.
_LONGEST_CALL = 30.0


class _Place:
    """Where this process parses; None: here."""

    helper: Helper | None = None


def keep_apart(*, soon: bool = False) -> None:
    """From now on, parse in a helper process, made ready if it is needed `soon`. For a server."""
    if _Place.helper is None:
        _Place.helper = Helper(_LONGEST_CALL)
    if soon:  # one call, so that it has loaded what parsing needs
        Thread(target=parse, args=("", b""), name="helper-ready", daemon=True).start()


def parse(path: str, source: bytes, limits: ParseLimits = DEFAULT_LIMITS) -> ParsedFile:
    """The units of one file, by position, or the reason why it has none.

    Spans are byte offsets in `source`; of UTF-16 text, in its UTF-8 form. Never raises.
    """
    if _Place.helper is None:
        return parsing.parse(path, source, limits)
    try:
        return _Place.helper.call(parsing.parse, path, source, limits)
    except HelperDiedError as error:
        _log.warning("%s is read as text: %s", path, error)
        return parsing.as_text(path, source, limits)


def parse_snippet(text: str, language: str | None) -> ParsedFile:
    """The units of a piece of code that is no file; nothing is passed over but blank text.

    An unknown or missing language is read as text. Never raises.
    """
    if _Place.helper is None:
        return parsing.parse_snippet(text, language)
    try:
        return _Place.helper.call(parsing.parse_snippet, text, language)
    except HelperDiedError as error:
        _log.warning("a snippet is read as text: %s", error)
        return parsing.parse_snippet(text, None)
