"""`codesearch/reindex`, `pause` and `resume`: what the user may tell the index to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from codesearch.server import protocol
from codesearch.server.app import CodesearchServer
from codesearch.server.features.status import report

if TYPE_CHECKING:
    from codesearch.indexing import IndexSupervisor


def add(server: CodesearchServer) -> None:
    """Handle the three requests; each answers with the status, as far as it is known then."""

    @server.feature(protocol.REINDEX)
    async def reindex(
        ls: CodesearchServer, params: protocol.RootsParams
    ) -> protocol.StatusResponse:
        return await _tell(ls, params, lambda supervisor: supervisor.reindex())

    @server.feature(protocol.PAUSE)
    async def pause(ls: CodesearchServer, params: protocol.RootsParams) -> protocol.StatusResponse:
        return await _tell(ls, params, lambda supervisor: supervisor.pause())

    @server.feature(protocol.RESUME)
    async def resume(ls: CodesearchServer, params: protocol.RootsParams) -> protocol.StatusResponse:
        return await _tell(ls, params, lambda supervisor: supervisor.resume())


async def _tell(
    ls: CodesearchServer,
    params: protocol.RootsParams,
    tell: Callable[[IndexSupervisor], None],
) -> protocol.StatusResponse:
    await ls.session.started.wait()
    roots = ls.session.choose(params.roots)

    def all_of_them() -> None:
        for root in roots:
            tell(root.supervisor)

    await ls.work.admin(all_of_them)
    return await report(ls, roots)
