"""`codesearch/similar`: from a position, a selection or a snippet to what resembles it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from codesearch.errors import UsageError
from codesearch.server import protocol
from codesearch.server.answers import Answer, answer
from codesearch.server.app import CodesearchServer
from codesearch.server.buffers import path_of
from codesearch.server.failures import invalid, translated
from codesearch.server.features.search import query_of, response, work_done
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


async def find(ls: CodesearchServer, params: protocol.SimilarParams) -> Answer:
    """What resembles the place or text of `params`, in all folders they name."""
    await ls.session.started.wait()
    target_in = await _targets(ls, params)
    query = query_of(ls, params, "")
    return await answer(
        ls,
        params.roots,
        query.limit,
        lambda root, stop, overlays: root.searcher.similar(
            target_in(root), query, stop=stop, overlays=overlays
        ),
    )


async def _targets(
    ls: CodesearchServer, params: protocol.SimilarParams
) -> Callable[[Root], Target]:
    """What to look for in each folder: a place in the one that holds it, its text in others."""
    if params.text is not None:
        given = Target(text=params.text, language=_language(params.language_id))
        return lambda _: given
    if params.text_document is None or (params.position is None and params.range is None):
        raise invalid("Nothing to compare", "Give a textDocument and a position, or a text.")
    uri = params.text_document.uri
    first, last = _lines(params)
    path = path_of(uri)
    home = ls.session.find(path) if path else None
    place = Target(home[1], first, last) if home else None
    if home and place and ls.session.choose(params.roots) == [home[0]]:
        return lambda _: place
    snippet = await _snippet(ls, uri, first, last)
    return lambda root: place if home and place and root is home[0] else snippet


async def _snippet(ls: CodesearchServer, uri: str, first: int, last: int | None) -> Target:
    """The selected lines, or the innermost unit at a line, as a text of its own."""
    buffer, path = ls.buffers.get(uri), path_of(uri)
    if buffer is None and path is None:
        raise invalid(f"{uri} is not open", "Open the document, or send its text.")

    def read() -> Target:
        text = buffer.text if buffer else _read(path)
        if last is not None:
            text = "\n".join(text.splitlines()[first : last + 1])
        else:
            text = _unit_at(path.name if path else "", text, first)
        return Target(text=text, language=_language(buffer.language_id if buffer else None))

    with translated():
        return await ls.work.search(lambda _: read())


def _read(path: Path | None) -> str:
    try:
        return path.read_text("utf-8", "replace") if path else ""
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error}", "Open the document first.") from error


def _unit_at(name: str, text: str, line: int) -> str:
    """The text of the smallest unit at `line`, or the whole text if none is there."""
    from codesearch.languages import parse

    units = [u for u in parse(name, text.encode()).units if u.span.contains_line(line)]
    smallest = min(units, key=lambda u: u.span.end_byte - u.span.start_byte, default=None)
    if smallest is None:
        return text
    span = smallest.span
    return text.encode()[span.start_byte : span.end_byte].decode("utf-8", "replace")


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
