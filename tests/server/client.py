"""A language client over raw bytes: it sees every frame, and can send what no library would."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

TIMEOUT = 60.0
_HEADER = re.compile(rb"Content-Length: (\d+)\r\n(?:Content-Type: [^\r\n]+\r\n)?\r\n")

# What an editor of today offers; tests take away what they need to be without.
CAPABILITIES: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {
        "configuration": True,
        "workspaceFolders": True,
        "didChangeConfiguration": {"dynamicRegistration": True},
        "codeLens": {"refreshSupport": True},
    },
    "window": {"workDoneProgress": True, "showDocument": {"support": True}},
}
FAKE: dict[str, Any] = {"encoder": {"name": "fake"}}


class ResponseError(Exception):
    """The server answered with an error."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error)
        self.code = error["code"]
        self.message = error["message"]
        self.data = error.get("data") or {}


class Connection:
    """Frames to and from a server. Unframed bytes from it are an assertion that fails."""

    def __init__(self, reader: BinaryIO, writer: BinaryIO) -> None:
        self.writer = writer
        self.settings: Any = None  # what workspace/configuration answers
        self.answers: dict[str, Callable[[Any], Any]] = {
            "workspace/configuration": lambda p: [self.settings for _ in p["items"]],
            "window/showDocument": lambda p: {"success": True},
        }
        self.notifications: list[dict[str, Any]] = []
        self.requests: list[dict[str, Any]] = []
        self.responses: dict[Any, dict[str, Any]] = {}
        self.order: list[Any] = []  # ids of responses as they came
        self.garbage = b""
        self._reader = reader
        self._ids = itertools.count(1)
        self._changed = threading.Condition()
        self._ended = False
        threading.Thread(target=self._read, daemon=True).start()

    def write_frame(self, body: bytes) -> None:
        self.writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self.writer.flush()

    def write(self, message: Any) -> None:
        self.write_frame(json.dumps(message).encode())

    def send(self, method: str, params: Any = None) -> int:
        """Send a request without waiting; returns its id."""
        number = next(self._ids)
        message = {"jsonrpc": "2.0", "id": number, "method": method}
        self.write(message if params is None else {**message, "params": params})
        return number

    def notify(self, method: str, params: Any = None) -> None:
        message = {"jsonrpc": "2.0", "method": method}
        self.write(message if params is None else {**message, "params": params})

    def response(self, number: Any) -> dict[str, Any]:
        return self.until(lambda: self.responses.get(number))

    def result(self, number: Any) -> Any:
        response = self.response(number)
        if "error" in response:
            raise ResponseError(response["error"])
        return response["result"]

    def request(self, method: str, params: Any = None) -> Any:
        return self.result(self.send(method, params))

    def cancel(self, number: int) -> None:
        self.notify("$/cancelRequest", {"id": number})

    def sent(self, method: str) -> list[Any]:
        """Params of the notifications and requests of a method that came so far."""
        return [
            m.get("params") for m in self.notifications + self.requests if m["method"] == method
        ]

    def forget(self) -> None:
        """Forget what came, which grows where a test goes on for long."""
        for kept in (self.responses, self.notifications, self.requests, self.order):
            kept.clear()

    def until(self, ready: Callable[[], Any], timeout: float = TIMEOUT) -> Any:
        """Wait for something to become true, looking whenever a message has come."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while not (value := ready()):
                left = deadline - time.monotonic()
                assert left > 0, "the server did not answer in time"
                assert not self._ended, "the server has gone"
                self._changed.wait(min(left, 1.0))
        return value

    def wait_sent(self, method: str, where: Callable[[Any], bool] = lambda _: True) -> Any:
        def found() -> list[Any]:
            return [params for params in self.sent(method) if where(params)]

        return self.until(found)[0]

    def _read(self) -> None:
        try:
            while (message := self._message()) is not None:
                self._take(message)
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _message(self) -> Any:
        header = b""
        while not header.endswith(b"\r\n\r\n"):
            line = self._reader.readline()
            if not line:
                self.garbage += header
                return None
            header += line
        match = _HEADER.fullmatch(header)
        if match is None:
            self.garbage += header
            raise AssertionError(f"not a header: {header!r}")
        body = self._reader.read(int(match[1]))
        return json.loads(body) if len(body) == int(match[1]) else None

    def _take(self, message: dict[str, Any]) -> None:
        if "method" in message and "id" in message:
            answer = self.answers.get(message["method"], lambda _: None)
            result = answer(message.get("params"))
            if result is not NO_ANSWER:
                with contextlib.suppress(OSError, ValueError):  # the session is over
                    self.write({"jsonrpc": "2.0", "id": message["id"], "result": result})
        with self._changed:
            if "method" not in message:
                self.responses[message.get("id")] = message
                self.order.append(message.get("id"))
            elif "id" in message:
                self.requests.append(message)
            else:
                self.notifications.append(message)
            self._changed.notify_all()


NO_ANSWER = object()


class Server(Connection):
    """A server process of our own, and a client that speaks with it over stdio."""

    def __init__(
        self, *, env: dict[str, str] | None = None, command: Sequence[str] | None = None
    ) -> None:
        self.process = subprocess.Popen(
            command or [sys.executable, "-m", "codesearch.server", "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "CODESEARCH_TEST": "1", **(env or {})},
        )
        assert self.process.stdin
        assert self.process.stdout
        assert self.process.stderr
        self._errors: list[bytes] = []
        self._drain = threading.Thread(
            target=self._errors.extend, args=(self.process.stderr,), daemon=True
        )
        self._drain.start()
        super().__init__(self.process.stdout, self.process.stdin)

    def open(
        self,
        *folders: Path,
        capabilities: dict[str, Any] | None = None,
        options: Any = FAKE,
        **more: Any,
    ) -> dict[str, Any]:
        """Initialize with workspace folders; returns the result."""
        params = {
            "processId": os.getpid(),
            "rootUri": None,
            "capabilities": CAPABILITIES if capabilities is None else capabilities,
            "workspaceFolders": [{"uri": f.as_uri(), "name": f.name} for f in folders] or None,
            "initializationOptions": options,
            **more,
        }
        result: dict[str, Any] = self.request("initialize", params)
        self.notify("initialized", {})
        return result

    def status(self) -> dict[str, Any]:
        result: dict[str, Any] = self.request("codesearch/status", {})
        return result

    def wait_ready(self, timeout: float = TIMEOUT) -> dict[str, Any]:
        """Wait until every folder is indexed completely; returns the status."""
        return self.wait_status(lambda roots: all(r["complete"] for r in roots), timeout)

    def wait_status(
        self, where: Callable[[list[dict[str, Any]]], bool], timeout: float = TIMEOUT
    ) -> dict[str, Any]:
        deadline = time.monotonic() + timeout
        while not where((status := self.status())["roots"]):
            assert time.monotonic() < deadline, status
            time.sleep(0.05)
        return status

    def search(self, query: str, **params: Any) -> list[dict[str, Any]]:
        result = self.request("codesearch/search", {"query": query, **params})
        hits: list[dict[str, Any]] = result["hits"]
        return hits

    def wait_hit(self, query: str, where: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Search until a hit is as wanted: for what changes reach the index by themselves."""
        deadline = time.monotonic() + TIMEOUT
        while True:
            hits = self.search(query)
            for hit in hits:
                if where(hit):
                    return hit
            assert time.monotonic() < deadline, [hit["name"] for hit in hits]
            time.sleep(0.05)

    def stop(self) -> int:
        """Shut down and exit as the protocol says; returns the exit code."""
        if self.process.poll() is None:
            self.request("shutdown")
            self.notify("exit")
        return self.process.wait(TIMEOUT)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def errors(self) -> str:
        """Everything written to stderr; the process must have ended."""
        self._drain.join(TIMEOUT)
        return b"".join(self._errors).decode(errors="replace")


def opened(path: Path, text: str, language: str = "python") -> dict[str, Any]:
    """Params of textDocument/didOpen."""
    item = {"uri": path.as_uri(), "languageId": language, "version": 1, "text": text}
    return {"textDocument": item}
