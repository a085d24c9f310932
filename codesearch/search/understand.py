"""What a query asks for: its kind, the words and names to look up, and its filters.

Users type everything into one line: words, a name copied from code, a path, a whole snippet,
and filters such as `lang:go path:src/** kind:method -path:tests`. This stage only reads the
text; it looks at neither files nor the index.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import PurePosixPath

from codesearch.languages import language_of
from codesearch.search.filters import typed_filters
from codesearch.store import Filters
from codesearch.store.names import name_parts
from codesearch.types import Query
from codesearch.words import identifiers, split_words

# Words that people wrap a question in. BM25 would take them for the rarest and so the most
# telling words of the query, since code seldom holds "where" or "how".
_FILLER = frozenset(
    split_words(
        "a an the of to in on at by with from for and or is are was be been do does did done it "
        "its this that these those there here where when which what who why how can could should "
        "would will i we you me my our your code function functions method methods somewhere"
    )
)
# Characters of a query that are read: a file pasted whole must not hold up the answer.
_MAX_TEXT = 20_000
_CUT = f"only the first {_MAX_TEXT:,} characters of the query are used"
# Terms of one full-text query; a pasted snippet has hundreds, and the rest adds only time.
_MAX_WORDS = 32
# Names looked up exactly for one query: each look-up is a query of its own.
_MAX_NAMES = 6
# Characters of the longest qualified name that is looked up as it was typed.
_MAX_LITERAL = 300
# More words than this are a sentence, not a name spelled with spaces.
_MAX_NAME_WORDS = 4

# What may stand before a name without being part of it: @decorator, &reference, .method, ::Top.
_SIGILS = "@#$&*~.:\\"
_NAME = r"[^\W\d][\w$]*[?!]?"
# A name, perhaps with what it belongs to: Foo::bar, a.b.c, App\Http\Kernel, Foo#bar, p->next.
_QUALIFIED = re.compile(rf"[{re.escape(_SIGILS)}]*{_NAME}(?:(?:::|->|[.:#\\]){_NAME})*(?:\(\))?")
# Files that are no code but are asked for by name all the same.
_TEXT_ENDINGS = frozenset(
    split_words("cfg conf css csv html ini json lock md rst scss sql toml txt xml yaml yml")
)
_PATH = re.compile(r"(?:\.{0,2}/)?(?:[\w.@+-]+/)*[\w.@+-]+/?(?::\d+)*")
# What prose does not contain: braces and semicolons, operators, calls with arguments,
# assignments, and lines that open like a statement or a definition.
_CODE_SIGN = re.compile(
    r"[{};]|[=!<>]=|[:+-]=|=>|&&|\|\||\S\s=\s\S|\w\([^()\s]+\)"
    r"|^[ \t]*(?:async\s+)?(?:def|fn|func|fun|class|struct|impl|import|from|return|if|while|public"
    r"|private|static|const|let|var|\#include)\b[^\n]*[:({=<]",
    re.MULTILINE,
)


class QueryKind(StrEnum):
    """The form of a query, which decides how it is looked up."""

    WORDS = "words"
    IDENTIFIER = "identifier"
    CODE = "code"
    PATH = "path"


@dataclass(frozen=True, slots=True)
class Understood:
    """A query taken apart. `text` is what was typed without its filters."""

    kind: QueryKind
    text: str
    meaning: str  # `text` for the encoder: identifiers split into words
    limit: int
    filters: Filters
    words: tuple[str, ...] = ()  # lower case, identifiers split, for full text
    names: tuple[str, ...] = ()  # to look up exactly, the most literal first
    qualifier: tuple[str, ...] = ()  # of an identifier: what stood before its last part
    literal: str = ""  # the whole text, if it may be a unit's name: `Show (Maybe a).show`
    notes: tuple[str, ...] = ()  # about what could not be used of the query

    @property
    def to_look_up(self) -> tuple[str, ...]:
        """Every name to look up, each once."""
        known = {name.casefold() for name in self.names}
        new = self.literal and self.literal.casefold() not in known
        return (self.literal, *self.names) if new else self.names

    @property
    def name(self) -> str | None:
        """The name that was typed, when the whole query is an identifier."""
        return self.names[0] if self.kind is QueryKind.IDENTIFIER and self.names else None


def understand(query: Query) -> Understood:
    """Take `query` apart. Never raises: a filter it cannot read becomes a note."""
    cut = len(query.text) > _MAX_TEXT
    typed, notes = typed_filters(replace(query, text=query.text[:_MAX_TEXT]))
    kind = _kind_of(typed.text)
    parts = name_parts(typed.text.strip(_SIGILS)) if kind is QueryKind.IDENTIFIER else []
    return Understood(
        kind=kind,
        text=typed.text,
        meaning=spelled_out(typed.text),
        limit=typed.limit,
        filters=Filters(typed.languages, typed.kinds, typed.paths, typed.exclude_paths),
        words=search_words(typed.text),
        names=_names(typed.text, kind, parts),
        qualifier=tuple(parts[:-1]),
        literal=_literal(typed.text),
        notes=(*notes, _CUT) if cut else notes,
    )


def search_words(text: str) -> tuple[str, ...]:
    """Distinct words of `text` to look up, and its identifiers whole, as the index holds both.

    Filler is left out unless there is nothing else.
    """
    telling = telling_words(text)
    whole = [name.lower() for name in identifiers(text) if _looks_like_name(name)]
    return tuple(dict.fromkeys([*telling, *whole]))[:_MAX_WORDS]


def telling_words(text: str) -> list[str]:
    """Distinct words of `text`, identifiers split, without filler unless there is nothing else."""
    words = list(dict.fromkeys(split_words(text)))
    return [word for word in words if word not in _FILLER] or words


def spelled_out(text: str) -> str:
    """`text` with every identifier split, as it is in the texts that are encoded."""
    return " ".join(
        " ".join(split_words(token)) if _looks_like_name(token) else token for token in text.split()
    )


def _kind_of(text: str) -> QueryKind:
    if not text.strip():
        return QueryKind.WORDS
    if _QUALIFIED.fullmatch(text) and not _is_file_name(text):
        return QueryKind.IDENTIFIER
    if _PATH.fullmatch(text) and ("/" in text or _is_file_name(text)):
        return QueryKind.PATH
    return QueryKind.CODE if _CODE_SIGN.search(text) else QueryKind.WORDS


def _literal(text: str) -> str:
    """`text` as a name: those of some languages, and of tests, hold spaces and brackets."""
    bare = text.strip()
    return bare if len(bare) <= _MAX_LITERAL and "\n" not in bare else ""


def _is_file_name(text: str) -> bool:
    """Whether a dotted word ends like a file: `retry.py`, but not `client.send`."""
    name = text.partition(":")[0]
    ending = PurePosixPath(name).suffix.lower().removeprefix(".")
    return bool(ending) and (ending in _TEXT_ENDINGS or language_of(name) != "text")


def _names(text: str, kind: QueryKind, parts: list[str]) -> tuple[str, ...]:
    """Names to look up: those typed, then the same words in the other spellings."""
    if kind is QueryKind.IDENTIFIER:
        found = [parts[-1], *_spellings(split_words(parts[-1]))]
    elif kind is QueryKind.WORDS:
        typed = [name for name in identifiers(text) if _looks_like_name(name)]
        words = split_words(text)
        found = [*typed, *(_spellings(words) if len(words) <= _MAX_NAME_WORDS else [])]
        if not any(mark.isspace() for mark in text.strip()):
            found.insert(0, text.strip())  # an operator, a kebab-case shell function
    else:
        found = []
    distinct: dict[str, str] = {}
    for name in found:
        distinct.setdefault(name.casefold(), name)  # look-ups disregard case
    return tuple(distinct.values())[:_MAX_NAMES]


def _spellings(words: list[str]) -> list[str]:
    """`parse config` as snake_case, and as camelCase once case no longer counts."""
    return ["_".join(words), "".join(words)] if words else []


def _looks_like_name(word: str) -> bool:
    """Whether a word in a sentence was copied from code: inner capitals, `_`, `.` or `::`."""
    bare = word.strip("_.,:;?!()'\"`")
    return "'" not in bare and len(split_words(bare)) > 1
