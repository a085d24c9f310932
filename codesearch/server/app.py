"""The server object, and the parts of pygls that must behave otherwise.

Each override says why it is there; the facts behind them were tried with pygls 2.1.1.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable, Generator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import attrs
from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcMethodNotFound,
    JsonRpcParseError,
    JsonRpcServerNotInitialized,
)
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, lsp_method

from codesearch import __version__
from codesearch.server import protocol
from codesearch.server.buffers import Buffers, Unsaved
from codesearch.server.positions import choose_encoding
from codesearch.server.session import Session
from codesearch.server.work import Work

_log = logging.getLogger(__name__)


@attrs.frozen
class Unreadable:
    """A message that is JSON, but not what its method asks for."""

    data: dict[str, Any]
    reason: str


class CodesearchProtocol(LanguageServerProtocol):
    """pygls's protocol, answering everything that can be answered and leaking nothing."""

    _server: CodesearchServer
    _initialized = False

    def get_message_type(self, method: str) -> type[Any] | None:  # type: ignore[override]
        return protocol.REQUESTS.get(method) or super().get_message_type(method)

    def structure_message(self, data: dict[str, Any]) -> Any:
        """As pygls, but a request with nonsense in it stays a request and gets its answer."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            return Unreadable(data, protocol.reason(error.__cause__ or error))

    def handle_message(self, message: Any) -> None:
        """As pygls, but what it drops in silence is answered with the error the standards name."""
        if isinstance(message, Unreadable):
            self._refuse_unreadable(message)
        elif not self._is_message(message):
            error = JsonRpcInvalidRequest("Not a JSON-RPC 2.0 message")
            self._refuse(_id_of(message), error)
        elif (refusal := self._out_of_turn(message)) is not None:
            if hasattr(message, "id"):
                self._refuse(message.id, refusal)
        else:
            self._initialized |= getattr(message, "method", None) == types.INITIALIZE
            super().handle_message(message)

    def _is_message(self, message: Any) -> bool:
        """Whether it is JSON-RPC 2.0, with an id and a method of the right types if it has them."""
        if not attrs.has(type(message)) or message.jsonrpc != self.VERSION:
            return False
        has_id = getattr(message, "id", None) is not None
        return isinstance(getattr(message, "method", ""), str) and (
            _id_of(message) is not None or not has_id
        )

    def refuse_frame(self, error: Exception) -> None:
        """Answer a frame that is not JSON. It has no id that could be told."""
        self._refuse(None, JsonRpcParseError.of(error))

    def _refuse(self, msg_id: int | str | None, error: JsonRpcException) -> None:
        """Answer with an error; JSON-RPC's id is null where none could be read."""
        self._send_response(msg_id, error=error.to_response_error())  # type: ignore[arg-type]

    def _check_handler_result(self, future: Future[Any]) -> None:
        """As pygls, which keeps what became of notifications for ever, under ids of its own."""
        super()._check_handler_result(future)
        kept = [key for key, one in self._request_futures.items() if one is future]
        for key in kept:
            self._request_futures.pop(key, None)

    def send_status(self, status: protocol.StatusResponse) -> None:
        """Send `codesearch/status`; pygls knows one type a method, and it is the request's."""
        self._send_data(protocol.StatusNotification(status, protocol.STATUS, self.VERSION))

    def to_json(self, value: Any) -> Any:
        """A value of the protocol as it goes over the wire."""
        return self._converter.unstructure(value)

    def _out_of_turn(self, message: Any) -> JsonRpcException | None:
        method = getattr(message, "method", None)
        if method is None or method == types.EXIT:
            return None
        if self._shutdown:
            return JsonRpcInvalidRequest("The server is shutting down")
        if not self._initialized and method != types.INITIALIZE:
            return JsonRpcServerNotInitialized("The server has not been initialized")
        if self._initialized and method == types.INITIALIZE:
            return JsonRpcInvalidRequest("The server is initialized already")
        if method == types.INITIALIZE and not self._server.admits(message.params):
            return JsonRpcInvalidRequest("initializationOptions.token is missing or wrong")
        return None

    def _refuse_unreadable(self, message: Unreadable) -> None:
        method, msg_id = message.data.get("method"), _id_of(message.data)
        _log.warning("unreadable message %s: %s", method or "(an answer)", message.reason)
        if msg_id is None:
            return
        if not isinstance(method, str | None):
            self._refuse(msg_id, JsonRpcInvalidRequest("The method is not a string"))
            return
        known = method in self.fm.features or method in self.fm.builtin_features
        error = (
            JsonRpcInvalidParams(f"Invalid params: {message.reason}", data={"remedy": _READ})
            if known or method is None
            else JsonRpcMethodNotFound.of(method)
        )
        if method is None:  # an answer to us: whoever waits for it must not wait for ever
            self._handle_response(msg_id, error=error.to_response_error())
        else:
            self._refuse(msg_id, error)

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(
        self, params: types.InitializeParams
    ) -> Generator[Any, Any, types.InitializeResult]:
        general = params.capabilities.general
        if general is not None and general.position_encodings:
            general.position_encodings = choose_encoding(list(general.position_encodings))
        result = yield from super().lsp_initialize(params)
        result.capabilities.experimental = {
            "codesearch": {
                "version": protocol.PROTOCOL_VERSION,
                "methods": sorted(protocol.REQUESTS),
                "notifications": [protocol.STATUS],
            }
        }
        self._server.buffers.encoding = str(self.workspace.position_encoding)
        return result

    # Documents and folders are kept by our own features: see `buffers.py`. As plain functions,
    # since pygls never forgets a generator that handled a notification.

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        self._forward(types.TEXT_DOCUMENT_DID_OPEN, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        self._forward(types.TEXT_DOCUMENT_DID_CHANGE, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        self._forward(types.TEXT_DOCUMENT_DID_CLOSE, params)

    @lsp_method(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def lsp_workspace__did_change_workspace_folders(
        self, params: types.DidChangeWorkspaceFoldersParams
    ) -> None:
        self._forward(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, params)

    @lsp_method(types.WORKSPACE_EXECUTE_COMMAND)
    async def lsp_workspace__execute_command(  # type: ignore[override]
        self, params: types.ExecuteCommandParams
    ) -> Any:
        """As a coroutine, so that cancelling the request cancels the command as well."""
        handler = self.fm.commands.get(params.command)
        if handler is None:
            raise JsonRpcInvalidParams(f"Unknown command {params.command}", data={"remedy": _READ})
        return await handler(list(params.arguments or ()))

    def _forward(self, method: str, params: Any) -> None:
        self.fm.features[method](params)


_READ = "docs/protocol.md describes every request."


class CodesearchServer(LanguageServer):
    """What features share: the folders, the open documents, and where work runs."""

    protocol: CodesearchProtocol

    def __init__(self) -> None:
        super().__init__(
            "codesearch",
            __version__,
            types.TextDocumentSyncKind.Incremental,
            protocol_cls=CodesearchProtocol,
            converter_factory=protocol.build_converter,
            max_workers=1,  # the reader of stdin, and nothing else
        )
        self.work = Work()
        self.buffers = Buffers()
        self.unsaved = Unsaved()
        self.session = Session(self.work)
        self.metrics: Path | None = None  # the socket to tell them on
        self.token: str | None = None  # what a client has to bring; None: nothing
        self.initialize_params = types.InitializeParams(types.ClientCapabilities())
        self.shutdown_asked = False
        self.client_is_silent = False  # it did not tell its settings when it was asked
        self.on_client_process: Callable[[int], None] | None = None

    @property
    def encoding(self) -> str:
        """The position encoding agreed with the client."""
        return self.buffers.encoding

    def admits(self, params: types.InitializeParams) -> bool:
        """Whether the client may be served. The token is taken out of `params`."""
        options = params.initialization_options
        told = options.pop("token", None) if isinstance(options, dict) else None
        if self.token is None:
            return True
        return isinstance(told, str) and hmac.compare_digest(told.encode(), self.token.encode())

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log it, and answer what was no JSON.

        pygls would show every error in a window, and call itself once nobody listens any more.
        """
        _log.error("%s", error)
        if source is JsonRpcException and isinstance(error, (ValueError, RecursionError)):
            self.protocol.refuse_frame(error)


def _id_of(message: Any) -> int | str | None:
    """The id to answer to; None where there is none, or none that JSON-RPC allows."""
    told = message.get("id") if isinstance(message, dict) else getattr(message, "id", None)
    return told if isinstance(told, (int, str)) and not isinstance(told, bool) else None
