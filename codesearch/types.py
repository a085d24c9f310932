"""The plain values that rooms hand to one another.

Everything here is frozen and free of dependencies, so that any room may import it and
nothing can be changed behind another's back. Positions are UTF-8 byte offsets and 0-based
lines; only `server/` converts them to what a client speaks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a unit is, in words a user may type after `kind:`."""

    FUNCTION = "function"
    METHOD = "method"
    CONSTRUCTOR = "constructor"
    CLASS = "class"
    INTERFACE = "interface"
    STRUCT = "struct"
    ENUM = "enum"
    TRAIT = "trait"
    MODULE = "module"
    TYPE = "type"
    MACRO = "macro"
    WINDOW = "window"  # code or text outside any named unit


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open byte range `[start_byte, end_byte)` of a file, with its line positions.

    Lines are 0-based and `end_line` is the line that holds the last byte (inclusive).
    Columns are UTF-8 byte offsets within their line; `end_column` is exclusive.
    """

    start_byte: int
    end_byte: int
    start_line: int
    end_line: int
    start_column: int = 0
    end_column: int = 0

    def overlaps(self, other: Span) -> bool:
        """Whether the two ranges share at least one byte."""
        return self.start_byte < other.end_byte and other.start_byte < self.end_byte

    def contains_line(self, line: int) -> bool:
        """Whether 0-based `line` lies in the range."""
        return self.start_line <= line <= self.end_line


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing that can be found: a function, a type's header, or a window of other text."""

    path: str  # relative to the root, with forward slashes
    language: str  # registry name ("python", "tsx"), or "text"
    kind: Kind
    name: str  # as a person would type it; a window's is its file name
    qualified_name: str  # module/class path in the language's own notation
    signature: str  # one line, white space folded; empty for windows
    documentation: str  # docstring or the comment block above, markers stripped
    body: str  # the unit's text; for a type its header only (fields, method signatures)
    span: Span  # whole definition with decorators/attributes, without the comment above
    name_span: Span  # where the name stands, so that editors can select it
    content_hash: str  # of everything above that an encoder may see

    @property
    def id(self) -> str:
        """Unique within one index: no two units of a file share kind and byte range."""
        return f"{self.path}\0{self.span.start_byte}\0{self.span.end_byte}\0{self.kind.value}"


class SkipReason(StrEnum):
    """Why a file has no units in the index; every file is either indexed or has one."""

    BINARY = "binary"
    TOO_LARGE = "too large"
    MINIFIED = "minified"
    GENERATED = "generated"
    EMPTY = "empty"
    SECRET = "secret"
    UNREADABLE = "unreadable"
    NOT_A_FILE = "not a regular file"
    OUTSIDE = "link out of the root"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that could not be read as code; the rest of the file still was."""

    message: str
    line: int  # 0-based


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """What the languages room makes of one file. Parsing never fails: see `skipped`."""

    path: str
    language: str
    units: tuple[Unit, ...] = ()
    problems: tuple[Problem, ...] = ()
    skipped: SkipReason | None = None


@dataclass(frozen=True, slots=True)
class Glimpse:
    """Files found by plain words, while the index does not hold all of them.

    `sources` are the files worth parsing, `rarity` says how much each word tells; `looked_at` of
    `files` files were read for that.
    """

    sources: Mapping[str, bytes]
    rarity: Mapping[str, float]
    looked_at: int
    files: int


@dataclass(frozen=True, slots=True)
class Query:
    """A question in words, an identifier or code, with optional filters."""

    text: str
    limit: int = 20
    languages: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    paths: tuple[str, ...] = ()  # globs relative to the root; any may match
    exclude_paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """What "find similar" starts from: a place in a file, or a snippet when `path` is None.

    `start_line`/`end_line` are 0-based and inclusive. With `text` given, it is used as the
    snippet; otherwise the unit at the position (or the selected lines) is read from the file.
    `column`, a UTF-8 byte offset in `start_line`, chooses between units on the same line.
    """

    path: str | None = None
    start_line: int = 0
    end_line: int | None = None
    text: str | None = None
    language: str | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a hit stands where it does: `parts` add up to the hit's score."""

    parts: Mapping[str, float] = field(default_factory=dict)
    views: tuple[str, ...] = ()  # which recall views found it: "vector", "words", "name", ...


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer. `root` is absolute; `path` is relative to it."""

    root: str
    path: str
    language: str
    kind: Kind
    name: str
    qualified_name: str
    signature: str
    span: Span
    name_span: Span
    score: float
    snippet: str
    explanation: Explanation = Explanation()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits, best first, and how much of the repository stood behind the answer.

    It can be iterated, counted and indexed like the tuple of its hits.
    """

    hits: tuple[Hit, ...]
    units: int  # units searchable by words
    encoded: int  # units searchable by meaning
    notes: tuple[str, ...] = ()  # for the user: "vectors are not ready yet", ...

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)

    def __getitem__(self, rank: int) -> Hit:
        return self.hits[rank]


class Phase(StrEnum):
    """Where an index stands. `READY` means everything known is searchable by every view."""

    EMPTY = "empty"
    SCANNING = "scanning"
    PARSING = "parsing"
    ENCODING = "encoding"
    READY = "ready"
    PAUSED = "paused"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Ahead:
    """Much that an index still lacks: about so many files, and bytes of source in them."""

    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """The state of one index, as its writer last told it. Counters are whole numbers."""

    root: str
    phase: Phase = Phase.EMPTY
    writer_pid: int | None = None
    files: int = 0  # files with units in the index
    skipped: Mapping[str, int] = field(default_factory=dict)  # SkipReason value -> files
    units: int = 0
    encoded: int = 0  # units with vectors
    dirty: int = 0  # paths known to have changed and not yet searchable as they are now
    current_file: str | None = None
    texts_encoded: int = 0  # texts ever passed through the encoder for this index
    cache_hits: int = 0  # vectors taken from the embedding cache instead
    encoder: str = ""
    last_error: str | None = None
    warnings: tuple[str, ...] = ()  # watcher limits, read-only cache, ...
    ahead: Ahead | None = None  # what is left to do, if that is much; forecast.py
    probe_cosine: float | None = None  # of probe texts now and when the index was made; drift.py
    last_scan_at: float = 0.0  # seconds since the epoch of the last complete scan
    updated_at: float = 0.0

    @property
    def pending(self) -> int:
        """Units that are searchable by words but not yet by meaning."""
        return max(0, self.units - self.encoded)

    @property
    def was_read(self) -> bool:
        """Whether every file was read once, so that the index can answer for all of them."""
        return self.last_scan_at > 0

    @property
    def complete(self) -> bool:
        """Whether nothing known is left to read or encode."""
        return self.phase is Phase.READY and self.pending == 0 and self.dirty == 0
