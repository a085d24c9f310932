"""The beginning and the end of a session."""

from __future__ import annotations

import functools
import threading

from lsprotocol import types

from codesearch.server.app import CodesearchServer
from codesearch.server.features import config, folders, metrics


def add(server: CodesearchServer) -> None:
    """Handle `initialize`, `initialized` and `shutdown`."""

    @server.feature(types.INITIALIZE)
    def initialize(ls: CodesearchServer, params: types.InitializeParams) -> None:
        ls.initialize_params = params

    begun = threading.Event()

    @server.feature(types.INITIALIZED)
    def initialized(ls: CodesearchServer, _: types.InitializedParams) -> None:
        if begun.is_set():  # a client that says so twice would be begun with twice
            return
        begun.set()
        if ls.process_id is not None and ls.on_client_process is not None:
            ls.on_client_process(ls.process_id)
        ls.work.spawn(_begin(ls))

    @server.feature(types.SHUTDOWN)
    def shutdown(ls: CodesearchServer, _: None) -> None:
        ls.shutdown_asked = True


async def _begin(ls: CodesearchServer) -> None:
    """Open the client's folders, with its settings if it has any to tell."""
    if ls.metrics is not None:
        ls.work.spawn(metrics.listen(ls, ls.metrics))
    try:
        await ls.session.configure(functools.partial(config.ask, ls))
        await ls.session.open(folders.first(ls.initialize_params))
    finally:
        ls.session.started.set()
    config.watch(ls)
