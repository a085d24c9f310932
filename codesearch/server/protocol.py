"""The requests and the notification that LSP does not have, as docs/protocol.md describes them.

JSON names are the camelCase of the fields. A field with a default is left out while it has that
default, so that no `null` is ever sent; all others are always there.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, get_args, get_origin

import attrs
import cattrs
from lsprotocol import converters, types
from pygls.protocol import default_converter

from codesearch.timing import Latency
from codesearch.types import Kind

T = TypeVar("T")

# Raised by one when a client written for the version before would misread something.
PROTOCOL_VERSION = 1

SEARCH = "codesearch/search"
SIMILAR = "codesearch/similar"
DUPLICATES = "codesearch/duplicates"
STATUS = "codesearch/status"
REINDEX = "codesearch/reindex"
PAUSE = "codesearch/pause"
RESUME = "codesearch/resume"
FIND_SIMILAR_COMMAND = "codesearch.findSimilar"

# More hits than anyone reads; a client that asks for more gets these.
MAX_LIMIT = 500


@attrs.frozen(kw_only=True)
class Filters:
    """What the hits are chosen from. Globs are relative to the root; empty means everything."""

    limit: int | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.ge(1))
    )
    languages: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    paths: tuple[str, ...] = ()
    exclude_paths: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()  # URIs of workspace folders; empty: all of them
    partial_result_token: types.ProgressToken | None = None
    work_done_token: types.ProgressToken | None = None


@attrs.frozen(kw_only=True)
class SearchParams(Filters):
    """`codesearch/search`: words, an identifier or code."""

    query: str


@attrs.frozen(kw_only=True)
class SimilarParams(Filters):
    """`codesearch/similar`: a document with a position or a range, or a text."""

    text_document: types.TextDocumentIdentifier | None = None
    position: types.Position | None = None
    range: types.Range | None = None
    text: str | None = None
    language_id: str | None = None


@attrs.frozen(kw_only=True)
class DuplicatesParams(Filters):
    """`codesearch/duplicates`: a document, and how much of their code two functions share.

    The limit is that of copies of one function.
    """

    text_document: types.TextDocumentIdentifier
    threshold: float | None = attrs.field(
        default=None,
        validator=attrs.validators.optional(
            attrs.validators.and_(attrs.validators.ge(0), attrs.validators.le(1))
        ),
    )


@attrs.frozen(kw_only=True)
class RootsParams:
    """Of `codesearch/status`, `reindex`, `pause` and `resume`: which folders; empty: all."""

    roots: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class WhyFound:
    """`parts` add up to the score; `views` found the hit: "vector", "words", "name"."""

    parts: Mapping[str, float]
    views: tuple[str, ...]


@attrs.frozen(kw_only=True)
class SearchHit:
    """One answer; ranges are in the client's position encoding."""

    location: types.Location  # the whole definition
    selection_range: types.Range  # its name
    root: str  # URI of the workspace folder
    path: str  # relative to it, with forward slashes
    kind: Kind
    name: str
    qualified_name: str
    signature: str
    language: str
    score: float
    snippet: str
    explanation: WhyFound


@attrs.frozen(kw_only=True)
class Completeness:
    """How much of the folders stood behind an answer."""

    units: int
    encoded: int
    complete: bool


@attrs.frozen(kw_only=True)
class SearchResponse:
    """The answer to `codesearch/search` and `codesearch/similar`, hits best first."""

    hits: list[SearchHit]
    completeness: Completeness
    notes: list[str]


@attrs.frozen(kw_only=True)
class Repeated:
    """A function of the document, and where it nearly exists again, nearest first.

    The score of a copy is the share of the code that both have.
    """

    range: types.Range
    selection_range: types.Range  # its name
    kind: Kind
    name: str
    qualified_name: str
    copies: list[SearchHit]


@attrs.frozen(kw_only=True)
class DuplicatesResponse:
    """The answer to `codesearch/duplicates`, in the order of the document."""

    functions: list[Repeated]
    notes: list[str]


@attrs.frozen(kw_only=True)
class PartialHits:
    """The value of `$/progress` for a `partialResultToken`: the next hits, in order."""

    hits: list[SearchHit]


@attrs.frozen(kw_only=True)
class Staleness:
    """How far the index may lag behind the files."""

    dirty: int
    seconds_since_scan: float | None = None  # None: never scanned


@attrs.frozen(kw_only=True)
class RootStatus:
    """The state of one workspace folder's index."""

    root: str
    path: str
    name: str
    phase: str
    complete: bool
    is_writer: bool  # this server is the one that keeps the index
    files: int
    units: int
    encoded: int
    pending: int
    skipped: Mapping[str, int]
    texts_encoded: int
    cache_hits: int
    encoder: str
    warnings: tuple[str, ...]
    staleness: Staleness
    latency: Mapping[str, Latency]  # by stage, of this server's answers
    probe_cosine: float | None = None  # of texts encoded again; None: not compared
    writer_pid: int | None = None
    current_file: str | None = None
    last_error: str | None = None


@attrs.frozen(kw_only=True)
class Load:
    """What the server is busy with, and the memory (bytes) of it and of the workers."""

    searching: int  # questions that are worked on
    waiting: int  # questions that wait for a thread
    memory: int
    worker_memory: int


@attrs.frozen(kw_only=True)
class StatusResponse:
    """The answer to `codesearch/status` and its siblings, and the notification's params."""

    version: str
    protocol_version: int
    pid: int
    load: Load
    roots: list[RootStatus]


@attrs.define
class SearchRequest:
    """The envelope of `codesearch/search`."""

    id: int | str
    params: SearchParams
    method: str
    jsonrpc: str


@attrs.define
class SimilarRequest:
    """The envelope of `codesearch/similar`."""

    id: int | str
    params: SimilarParams
    method: str
    jsonrpc: str


@attrs.define
class DuplicatesRequest:
    """The envelope of `codesearch/duplicates`."""

    id: int | str
    params: DuplicatesParams
    method: str
    jsonrpc: str


@attrs.define
class RootsRequest:
    """The envelope of `codesearch/status`, `reindex`, `pause` and `resume`."""

    id: int | str
    method: str
    jsonrpc: str
    params: RootsParams = attrs.field(factory=RootsParams)


@attrs.define
class StatusNotification:
    """The envelope of the notification `codesearch/status`."""

    params: StatusResponse
    method: str
    jsonrpc: str


REQUESTS: Mapping[str, type[Any]] = {
    SEARCH: SearchRequest,
    SIMILAR: SimilarRequest,
    DUPLICATES: DuplicatesRequest,
    STATUS: RootsRequest,
    REINDEX: RootsRequest,
    PAUSE: RootsRequest,
    RESUME: RootsRequest,
}
_PARAMS = (SearchParams, SimilarParams, DuplicatesParams, RootsParams)
_OTHERS = (
    WhyFound,
    SearchHit,
    Completeness,
    SearchResponse,
    Repeated,
    DuplicatesResponse,
    PartialHits,
    Staleness,
    Load,
    RootStatus,
    StatusResponse,
    SearchRequest,
    SimilarRequest,
    DuplicatesRequest,
    RootsRequest,
    StatusNotification,
)


def build_converter() -> cattrs.Converter:
    """The converter of pygls, which names fields as LSP does, knowing the types above."""
    for cls in (*_PARAMS, *_OTHERS):
        attrs.resolve_types(cls)
    converter: cattrs.Converter = default_converter()  # type: ignore[no-untyped-call]
    converter.register_structure_hook_factory(_is_array, _array)
    for cls in _PARAMS:
        converter.register_structure_hook(cls, read_params)
    return converter


def _is_array(wanted: Any) -> bool:
    return get_origin(wanted) is Sequence


def _array(wanted: Any, converter: cattrs.Converter) -> Callable[[Any, Any], tuple[Any, ...]]:
    """Reads an array up to its first fault.

    cattrs would describe each, a millisecond apiece, and take a text for an array of letters.
    """
    (item,) = get_args(wanted)
    read = converter.get_structure_hook(item)

    def structure(value: Any, _: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise TypeError("expected an array")
        return tuple(read(each, item) for each in value)

    return structure


def read_params(value: Any, cls: type[T]) -> T:
    """Params of ours, read strictly: cattrs would search for the text of a number or an object.

    A `null` means that the field was left out. Errors are those of cattrs, or TypeError.
    """
    value = value or {}  # nothing, or Lua's empty table, which is sent as []
    if not isinstance(value, dict):
        raise TypeError("expected an object")
    given = {key: each for key, each in value.items() if each is not None}
    return _strict_converter().structure(given, cls)


@functools.cache
def _strict_converter() -> cattrs.Converter:
    converter = converters.get_converter()
    converter.register_structure_hook(str, _text)
    converter.register_structure_hook(int, _integer)
    converter.register_structure_hook(Kind, lambda value, _: Kind(value))
    converter.register_structure_hook_func(
        lambda wanted: wanted in (tuple[str, ...], tuple[Kind, ...]),
        lambda value, wanted: _tuple(converter, value, wanted.__args__[0]),
    )
    return converter


def _text(value: Any, _: object) -> str:
    if not isinstance(value, str):
        raise TypeError("expected a string")
    return well_formed(value)


def _integer(value: Any, _: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
        raise TypeError("expected a whole number")
    return int(value)


def _tuple(converter: cattrs.Converter, value: Any, item: Any) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise TypeError("expected an array")
    return tuple(converter.structure(each, item) for each in value)


def reason(error: BaseException) -> str:
    """What `read_params` did not like, with the place: "expected a string @ $.params.query"."""
    if isinstance(error, cattrs.BaseValidationError):
        return "; ".join(cattrs.transform_error(error, format_exception=_one_reason))
    return str(error) or type(error).__name__


def _one_reason(error: BaseException, _: type | None) -> str:
    if isinstance(error, KeyError):
        return f"{error} is missing"
    return str(error)


def well_formed(text: str) -> str:
    """`text` without lone surrogates, which JSON can carry but UTF-8 cannot.

    Each is replaced by one character of the same width in UTF-16, so positions stay right.
    """
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
