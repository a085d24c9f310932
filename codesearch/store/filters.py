"""From `Filters` to the SQL that LanceDB filters rows with.

Globs become regular expressions of Rust's `regex`, which is linear in the text. Python's `regex`,
which reads them where there is no table to ask, is not, and is given a bounded time: no pattern a
user types can make a search hang.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from functools import lru_cache

import regex

from codesearch.errors import UsageError
from codesearch.store.values import Filters

_MAX_GLOB_CHARS = 1000  # keeps compiled expressions far below the engine's size limit
# For a pattern that is worth waiting for, all paths of a large index take some milliseconds.
_MATCH_SECONDS = 1.0
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED_SURROGATE = re.compile("\0([0-9a-f]{4})")


def to_stored(text: str) -> str:
    """`text` as valid UTF-8 can hold it: file names may carry undecodable bytes.

    Surrogates become NUL and four hexadecimal digits. NUL itself stands in no path; in any
    other text it is of no use and becomes a space.
    """
    text = text.replace("\0", " ")
    return _SURROGATE.sub(lambda match: f"\0{ord(match.group()):04x}", text)


def from_stored(text: str) -> str:
    """The inverse of `to_stored`."""
    if "\0" not in text:
        return text
    return _ESCAPED_SURROGATE.sub(lambda match: chr(int(match.group(1), 16)), text)


def one_of(column: str, values: Iterable[str]) -> str:
    """SQL: `column` equals one of `values`, which may hold any character."""
    quoted = ",".join("'" + to_stored(value).replace("'", "''") + "'" for value in values)
    return f"{column} IN ({quoted})"


def to_sql(where: Filters) -> list[str]:
    """The conditions of `where`, all of which must hold."""
    conditions = []
    if where.languages:
        conditions.append(one_of("language", where.languages))
    if where.kinds:
        conditions.append(one_of("kind", where.kinds))
    if where.paths:
        conditions.append(_matches_any(where.paths))
    if where.exclude_paths:
        conditions.append(f"NOT {_matches_any(where.exclude_paths)}")
    return conditions


def _matches_any(globs: Iterable[str]) -> str:
    # Every character with a meaning is written as \x{..}, so no quote can stand in the text.
    return f"regexp_like(path, '{'|'.join(glob_to_regex(glob) for glob in globs)}')"


def glob_to_regex(glob: str) -> str:
    r"""An anchored Rust regular expression for a glob read as `.gitignore` reads it.

    Without a slash inside it matches any segment of a path (`tests`, `*.py`); with one it is
    relative to the root (`src/*.py`). A match of a folder includes all below it. `**` crosses
    folders, `*` and `?` do not; `[a-z]`, `[!a]`, `{a,b}` and `\` are understood.
    """
    if len(glob) > _MAX_GLOB_CHARS:
        raise UsageError(f"path pattern of more than {_MAX_GLOB_CHARS} characters")
    pattern = glob.removeprefix("./")
    if pattern.strip("/") in ("", "."):
        return "^"  # the root, with all below it
    start = "^" if "/" in pattern.rstrip("/") else "(?:^|/)"
    body = _Translator(to_stored(pattern.strip("/"))).regex()
    end = "/" if pattern.endswith("/") else "(?:/|$)"
    return f"(?s:{start}{body}{end})"


@lru_cache(maxsize=256)
def glob_pattern(glob: str) -> regex.Pattern[str]:
    """`glob_to_regex` for Python's `regex`, to be searched for in a stored path."""
    rust = glob_to_regex(glob)
    python = re.sub(r"\\x\{([0-9a-f]+)\}", lambda code: f"\\U{int(code[1], 16):08x}", rust)
    return regex.compile(python, regex.V1)


def passes_path(path: str, where: Filters) -> bool:
    """Whether the paths that `where` asks for, and those that it leaves out, let `path` through."""
    stored = [to_stored(path)]
    if where.paths and not matching_paths(stored, where.paths):
        return False
    return not matching_paths(stored, where.exclude_paths)


def matching_paths(paths: Iterable[str], globs: Sequence[str]) -> set[str]:
    """Those of `paths`, as they are stored, that one of `globs` matches.

    Raises:
        UsageError: a glob is too long, or takes too long.
    """
    patterns = [glob_pattern(glob) for glob in globs]
    until = time.monotonic() + _MATCH_SECONDS

    def matches(stored: str) -> bool:
        # A timeout of nothing would be none.
        left = max(0.001, until - time.monotonic())
        return any(pattern.search(stored, timeout=left) for pattern in patterns)

    try:
        return {path for path in paths if patterns and matches(path)}
    except TimeoutError as error:
        raise UsageError("a path pattern takes too long to match", "Use fewer stars.") from error


class _Translator:
    """One pass over a glob, from left to right."""

    def __init__(self, glob: str) -> None:
        self._glob = glob
        self._at = 0
        self._open_braces = 0

    def regex(self) -> str:
        pieces = []
        while self._at < len(self._glob):
            pieces.append(self._next())
        return "".join(pieces)

    def _next(self) -> str:
        rest = self._glob[self._at :]
        if rest.startswith("**"):
            return self._stars()
        self._at += 1
        match rest[0]:
            case "*":
                return "[^/]*"
            case "?":
                return "[^/]"
            case "[":
                return self._character_class()
            case "\\" if len(rest) > 1:
                self._at += 1
                return _literal(rest[1])
            case "{" | "}" | ",":
                return self._brace(rest[0])
            case other:
                return _literal(other)

    def _stars(self) -> str:
        at_start = self._at == 0 or self._glob[self._at - 1] == "/"
        while self._glob.startswith("*", self._at):
            self._at += 1
        if at_start and self._glob.startswith("/", self._at):
            self._at += 1
            return "(?:.*/)?"
        return ".*"

    def _brace(self, char: str) -> str:
        if char == "{" and self._closing_brace():
            self._open_braces += 1
            return "(?:"
        if char == "}" and self._open_braces:
            self._open_braces -= 1
            return ")"
        return "|" if char == "," and self._open_braces else _literal(char)

    def _closing_brace(self) -> bool:
        rest = self._glob[self._at :]
        return rest.count("}") - rest.count("{") > self._open_braces

    def _character_class(self) -> str:
        end = self._glob.find("]", self._at + 2 if self._negated() else self._at + 1)
        if end < 0:
            return _literal("[")
        negated = self._negated()
        members = self._glob[self._at + negated : end]
        self._at = end + 1
        return f"[[{'^' if negated else ''}{_members(members)}]&&[^/]]"

    def _negated(self) -> bool:
        return self._glob.startswith(("!", "^"), self._at)


def _members(members: str) -> str:
    """The inside of a character class, with ranges; a range that runs backwards is its ends."""
    pieces = []
    at = 0
    while at < len(members):
        first, dash, last = members[at], members[at + 1 : at + 2], members[at + 2 : at + 3]
        if dash == "-" and last and first <= last:
            pieces.append(f"{_literal(first)}-{_literal(last)}")
            at += 3
        else:
            pieces.append(_literal(first))
            at += 1
    return "".join(pieces)


def _literal(char: str) -> str:
    return char if char == "/" or (char.isascii() and char.isalnum()) else f"\\x{{{ord(char):x}}}"
