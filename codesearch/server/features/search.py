"""`codesearch/search`: from words, an identifier or code to hits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lsprotocol import types

from codesearch.server import protocol
from codesearch.server.answers import Answer, answer, located
from codesearch.server.app import CodesearchServer
from codesearch.types import Query


def add(server: CodesearchServer) -> None:
    """Handle `codesearch/search`."""

    @server.feature(protocol.SEARCH)
    async def search(
        ls: CodesearchServer, params: protocol.SearchParams
    ) -> protocol.SearchResponse:
        query = query_of(ls, params, params.query)
        async with work_done(ls, params, "Searching"):
            found = await answer(
                ls,
                params.roots,
                query.limit,
                lambda root, stop, overlays: root.searcher.search(
                    query, stop=stop, overlays=overlays
                ),
            )
            return await response(ls, found, params)


def query_of(ls: CodesearchServer, params: protocol.Filters, text: str) -> Query:
    """The query that `params` ask for, with the settings' limit unless they say another."""
    limit = params.limit or ls.session.settings().search.limit
    return Query(
        text=text,
        limit=min(limit, protocol.MAX_LIMIT),
        languages=params.languages,
        kinds=params.kinds,
        paths=params.paths,
        exclude_paths=params.exclude_paths,
    )


async def response(
    ls: CodesearchServer, found: Answer, params: protocol.Filters
) -> protocol.SearchResponse:
    """The answer as the protocol puts it; hits that were sent as parts are not in it again."""
    return protocol.SearchResponse(
        hits=await located(ls, found, params.partial_result_token),
        completeness=found.completeness,
        notes=list(found.result.notes),
    )


@asynccontextmanager
async def work_done(
    ls: CodesearchServer, params: protocol.Filters, title: str
) -> AsyncIterator[None]:
    """Begin and end work-done progress on the token of a request, if it brought one."""
    token = params.work_done_token
    if token is None:
        yield
        return
    progress = ls.work_done_progress
    progress.begin(token, types.WorkDoneProgressBegin(title=title))
    try:
        yield
    finally:
        progress.end(token, types.WorkDoneProgressEnd())
        progress.tokens.pop(token, None)  # pygls keeps it, and refuses a token it has
