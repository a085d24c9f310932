"""Semantic code search that stays on your machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codesearch.api import CodeIndex, load_encoder, open  # noqa: A004 - codesearch.open

__version__ = "0.1.0"
__all__ = ["CodeIndex", "__version__", "load_encoder", "open"]


def __getattr__(name: str) -> Any:
    """The public interface, loaded when it is first used."""
    if name in {"CodeIndex", "load_encoder", "open"}:
        from codesearch import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
