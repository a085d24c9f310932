"""`codesearch/duplicates`: the functions of a document that nearly exist a second time."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from codesearch.server import protocol
from codesearch.server.answers import located
from codesearch.server.app import CodesearchServer
from codesearch.server.buffers import path_of
from codesearch.server.failures import invalid
from codesearch.server.features.search import work_done
from codesearch.server.features.similar import find, source_of
from codesearch.server.positions import Lines, range_of
from codesearch.types import Unit

# Copies of one function that are told. Where there are more, the first ones make the point.
_MOST_COPIES = 10


def add(server: CodesearchServer) -> None:
    """Handle `codesearch/duplicates`."""

    @server.feature(protocol.DUPLICATES)
    async def duplicates(
        ls: CodesearchServer, params: protocol.DuplicatesParams
    ) -> protocol.DuplicatesResponse:
        async with work_done(ls, params, "Finding duplicates"):
            return await find_duplicates(ls, params)


async def find_duplicates(
    ls: CodesearchServer, params: protocol.DuplicatesParams
) -> protocol.DuplicatesResponse:
    """Asks for one function after the other: others who search meanwhile are not kept waiting."""
    await ls.session.started.wait()
    uri = params.text_document.uri
    path = path_of(uri)
    home = ls.session.find(path) if path is not None else None
    if home is None:
        raise invalid(f"{uri} is in no open folder", "Open its folder in the editor.")
    root, relative = home
    threshold = params.threshold
    if threshold is None:
        threshold = root.settings.duplicates.threshold
    functions = await ls.work.search(lambda _: _suspects(ls, uri, relative))
    notes: dict[str, None] = {}
    found: list[protocol.Repeated] = []
    for unit, whole, name in functions:
        if any(_holds(one.range, whole) for one in found):
            continue  # a part of what is told already
        place = protocol.SimilarParams(
            text_document=params.text_document,
            position=name.start,
            limit=params.limit or _MOST_COPIES,
            languages=params.languages,
            kinds=params.kinds,
            paths=params.paths,
            exclude_paths=params.exclude_paths,
            roots=params.roots,
        )
        answer = await find(ls, place, copies=threshold)
        notes.update(dict.fromkeys(answer.result.notes))
        if answer.result.hits:
            copies = await located(ls, answer)
            found.append(_repeated(unit, whole, name, copies))
    return protocol.DuplicatesResponse(functions=found, notes=list(notes))


def _suspects(
    ls: CodesearchServer, uri: str, path: str
) -> list[tuple[Unit, types.Range, types.Range]]:
    """The functions to ask for, with the ranges of all of them and of their names. May block."""
    from codesearch.languages import parse
    from codesearch.search.copies import suspects

    source = source_of(ls, uri)
    lines = Lines(source)
    found = suspects(path, parse(path, source).units, source)
    ranges = ((unit, unit.span, unit.name_span) for unit in found)
    return [
        (unit, range_of(whole, lines, ls.encoding), range_of(name, lines, ls.encoding))
        for unit, whole, name in ranges
    ]


def _holds(outer: types.Range, inner: types.Range) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _repeated(
    unit: Unit, whole: types.Range, name: types.Range, copies: Sequence[protocol.SearchHit]
) -> protocol.Repeated:
    return protocol.Repeated(
        range=whole,
        selection_range=name,
        kind=unit.kind,
        name=unit.name,
        qualified_name=unit.qualified_name,
        copies=list(copies),
    )
