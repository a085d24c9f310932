"""`codesearch/similar`: from a position, a selection or a snippet to what resembles it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from codesearch.errors import UsageError
from codesearch.server import protocol
from codesearch.server.answers import Answer, answer
from codesearch.server.app import CodesearchServer
from codesearch.server.buffers import Buffer, path_of
from codesearch.server.failures import invalid, translated
from codesearch.server.features.search import query_of, response, work_done
from codesearch.server.positions import Lines, byte_column
from codesearch.server.roots import Root
from codesearch.types import Target

# LSP's identifiers where they are not our names of languages.
_LANGUAGE_IDS = {
    "typescriptreact": "tsx",
    "javascriptreact": "javascript",
    "shellscript": "bash",
}


def add(server: CodesearchServer) -> None:
    """Handle `codesearch/similar`."""

    @server.feature(protocol.SIMILAR)
    async def similar(
        ls: CodesearchServer, params: protocol.SimilarParams
    ) -> protocol.SearchResponse:
        async with work_done(ls, params, "Finding similar code"):
            return await response(ls, await find(ls, params), params)


async def find(
    ls: CodesearchServer, params: protocol.SimilarParams, *, copies: float | None = None
) -> Answer:
    """What resembles the place or text of `params`, in all folders they name.

    With `copies`, only functions that share so much of their code with it.
    """
    await ls.session.started.wait()
    target_in = await _targets(ls, params)
    query = query_of(ls, params, "")
    return await answer(
        ls,
        params.roots,
        query.limit,
        lambda root, stop, overlays: root.searcher.similar(
            target_in(root), query, stop=stop, overlays=overlays, copies=copies
        ),
    )


def source_of(ls: CodesearchServer, uri: str) -> bytes:
    """A document as it is on the screen, else on disk, in UTF-8. May block; raises UsageError."""
    return _document(ls, uri).source()


async def _targets(
    ls: CodesearchServer, params: protocol.SimilarParams
) -> Callable[[Root], Target]:
    """What to look for in each folder: a place in the one that holds it, its text in others."""
    if params.text is not None:
        given = Target(text=params.text, language=_language(params.language_id))
        return lambda _: given
    if params.text_document is None or (params.position is None and params.range is None):
        raise invalid("Nothing to compare", "Give a textDocument and a position, or a text.")
    document = _document(ls, params.text_document.uri)
    home = ls.session.find(document.path) if document.path else None
    with translated():
        place = await ls.work.search(lambda _: document.place(params, ls.encoding))
        if home is not None:
            at_home = replace(place, path=home[1])
            if ls.session.choose(params.roots) == [home[0]]:
                return lambda _: at_home
        snippet = await ls.work.search(lambda _: document.snippet(place))
    return lambda root: at_home if home is not None and root is home[0] else snippet


def _document(ls: CodesearchServer, uri: str) -> _Document:
    buffer, path = ls.buffers.get(uri), path_of(uri)
    if buffer is None and path is None:
        raise invalid(f"{uri} is not open", "Open the document, or send its text.")
    return _Document(buffer, path)


@dataclass(frozen=True, slots=True)
class _Document:
    """What a place is in: a buffer, a file, or both. Reading it may block."""

    buffer: Buffer | None
    path: Path | None

    def place(self, params: protocol.SimilarParams, encoding: str) -> Target:
        """Where `params` point in it; the target names no path yet."""
        first, last = _lines(params)
        position = params.range.start if params.range else params.position
        if last is not None or position is None:
            return Target(start_line=first, end_line=last)
        column = byte_column(Lines(self.source()), position, encoding)
        return Target(start_line=first, column=column)

    def snippet(self, place: Target) -> Target:
        """The selected lines, or the unit at `place`, as a text of its own."""
        source = self.source()
        language = _language(self.buffer.language_id if self.buffer else None)
        if place.end_line is not None:
            part = b"\n".join(source.split(b"\n")[place.start_line : place.end_line + 1])
        else:
            part = self._unit_at(place, source, language)
        return Target(text=part.decode("utf-8", "replace"), language=language)

    def _unit_at(self, place: Target, source: bytes, language: str | None) -> bytes:
        """The text of the unit at a place, or all of it if it has none."""
        from codesearch.languages import parse, parse_snippet
        from codesearch.search.origin import unit_at

        if self.path is None:
            units = parse_snippet(source.decode(), language).units
        else:
            units = parse(self.path.name, source).units
        unit = unit_at(units, source, place.start_line, place.column)
        return source if unit is None else source[unit.span.start_byte : unit.span.end_byte]

    def source(self) -> bytes:
        """Its text in UTF-8. UsageError if it cannot be read."""
        from codesearch.search.snippets import Texts

        if self.buffer is not None:
            return self.buffer.text.encode()
        real = Path(os.path.realpath(self.path or ""))
        source = Texts(real.parent).whole(real.name)
        if source is None:
            raise UsageError(f"{self.path} cannot be read", "Open the document first.")
        return source


def _lines(params: protocol.SimilarParams) -> tuple[int, int | None]:
    """The first and last line of a selection; no last line for a position."""
    if params.range is None:
        assert params.position is not None
        return params.position.line, None
    start, end = params.range.start, params.range.end
    if start == end:
        return start.line, None
    # A selection that ends before the first column does not reach into that line.
    last = end.line - 1 if end.character == 0 and end.line > start.line else end.line
    return start.line, last


def _language(language_id: str | None) -> str | None:
    return _LANGUAGE_IDS.get(language_id, language_id) if language_id else None
