"""What the server can do, one feature a module; each adds its handlers to the server."""

from __future__ import annotations

from codesearch.server.app import CodesearchServer
from codesearch.server.features import (
    actions,
    commands,
    config,
    control,
    cost,
    diagnostics,
    documents,
    duplicates,
    folders,
    lens,
    lifecycle,
    progress,
    search,
    similar,
    status,
    symbols,
)

_FEATURES = (
    lifecycle,
    config,
    folders,
    documents,
    search,
    similar,
    duplicates,
    symbols,
    actions,
    commands,
    lens,
    status,
    control,
    progress,
    cost,
    diagnostics,
)


def add_features(server: CodesearchServer) -> None:
    """Give the server all its features. Imports nothing that indexes or searches."""
    for feature in _FEATURES:
        feature.add(server)
