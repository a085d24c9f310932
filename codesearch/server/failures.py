"""Our errors as JSON-RPC errors: a code that says what kind, and the remedy as data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lsprotocol.types import LSPErrorCodes
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from codesearch.errors import CodesearchError, SearchCancelledError, UsageError


@contextmanager
def translated() -> Iterator[None]:
    """Turn an error that passes through into the JSON-RPC error of docs/protocol.md.

    It is one of ours, or the system's: no descriptor left, no memory, no space.
    """
    try:
        yield
    except SearchCancelledError as error:
        raise JsonRpcException(error.message, LSPErrorCodes.RequestCancelled.value) from error
    except UsageError as error:
        raise invalid(error.message, error.remedy) from error
    except CodesearchError as error:
        data = {"kind": type(error).__name__, "remedy": error.remedy}
        raise JsonRpcException(error.message, LSPErrorCodes.RequestFailed.value, data) from error
    except (OSError, MemoryError) as error:
        data = {
            "kind": type(error).__name__,
            "remedy": "Try again when the machine has more of it.",
        }
        message = f"the system refused: {error or 'no memory'}"
        raise JsonRpcException(message, LSPErrorCodes.RequestFailed.value, data) from error


def invalid(message: str, remedy: str) -> JsonRpcInvalidParams:
    """The error of a request that no server could answer."""
    return JsonRpcInvalidParams(message, data={"kind": "UsageError", "remedy": remedy})
