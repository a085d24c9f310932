"""Messages of a client that means harm, or was written in a hurry: endless, from one seed."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_ODD: list[Any] = [
    None, True, -1, 0, 1, 2**31, 2**63, -(2**63), 1.5, 1e308, float("nan"), float("inf"),
    "", " ", "\0", "\ud800", "a\r\nb", "💥" * 10, "x" * 5000, "../../etc/passwd", "(" * 300,
    "**/**/**/**/x", "[" * 200, "(a+)+$", [], {}, [[]], [None], {"": None}, {"text": {}},
]  # fmt: skip
_RAW = [
    b"", b"{", b"null", b"[]", b"[1, 2]", b"0", b'""', b"\xff\xfe", b"\0" * 50, b"[" * 20_000,
    b'{"jsonrpc": "2.0"}', b'{"jsonrpc": "1.0", "id": 1, "method": "shutdown"}',
    b'{"jsonrpc": "2.0", "id": {}, "method": "codesearch/status"}',
    b'{"jsonrpc": "2.0", "id": null, "method": "codesearch/search", "params": {"query": "a"}}',
    b'{"jsonrpc": "2.0", "id": "x", "result": null}',
    b'{"jsonrpc": "2.0", "id": 7, "error": "no object"}',
    b'{"jsonrpc": "2.0", "method": 5}',
    b'{"jsonrpc": "2.0", "id": 1e400, "method": "codesearch/status"}',
    b'{"id": 1, "id": 2, "jsonrpc": "2.0", "method": "codesearch/status"}',
]  # fmt: skip
_GARBAGE = [
    b"\r\n", b"GET / HTTP/1.1\r\n\r\n", b"Content-Length: -5\r\n\r\n", b"Content-Length: x\r\n\r\n",
    b"Content-Length: \r\n\r\n", b"content-length: 2\r\n\r\n{}", b"Content-Type: a\r\n\r\n",
    b"\0\0\0\r\n", b"Content-Length: 2\n\n{}", b"X" * 3000 + b"\r\n",
    b"Content-Length: 0\r\n\r\n",
]  # fmt: skip


class Hostile:
    """Frames for a server whose folder is `root`. What `shutdown` and `exit` do is not asked."""

    def __init__(self, root: Path, seed: int) -> None:
        self._random = random.Random(seed)
        self._root = root
        self._files = sorted(path for path in root.rglob("*") if path.is_file())
        self._number = 0

    def frames(self, count: int) -> Iterator[bytes]:
        """So many frames, or pieces that pass for one, ready to be written."""
        for _ in range(count):
            yield self._frame()

    def _frame(self) -> bytes:
        choice = self._random.random()
        if choice < 0.02:
            return self._random.choice(_GARBAGE)
        if choice < 0.06:
            return framed(self._random.choice(_RAW))
        if choice < 0.08:
            body = bytearray(self._body())
            for _ in range(self._random.randint(1, 5)):
                body[self._random.randrange(len(body))] = self._random.randrange(256)
            return framed(bytes(body))
        return framed(self._body())

    def _body(self) -> bytes:
        method, params = self._random.choice(self._templates())
        message: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "params": params}
        if not method.startswith(("textDocument/did", "workspace/did", "$/", "notebook", "window")):
            self._number += 1
            message["id"] = f"h{self._number}"
        for _ in range(self._random.choice((0, 0, 1, 1, 2, 4))):
            message = self._spoilt(message)
        if message.get("method") in ("shutdown", "exit", "initialize"):
            message["method"] = "codesearch/status"
        return json.dumps(message).encode()

    def _spoilt(self, message: dict[str, Any]) -> dict[str, Any]:
        """The message with one of its values, at any depth, changed or taken away."""
        spoilt = copy.deepcopy(message)
        places = [place for place in _places(spoilt) if place[1] not in ("id", "jsonrpc")]
        if not places:
            return spoilt
        holder, key = self._random.choice(places)
        if isinstance(holder, dict) and self._random.random() < 0.2:
            del holder[key]
        else:
            holder[key] = copy.deepcopy(self._random.choice(_ODD))
        return spoilt

    def _uri(self) -> str:
        outside = [
            "untitled:Untitled-1", "file://host/share/x.py", "file:///", "file://", "", "git:/x",
            "file:///no/such/file.py", "file:///dev/null", "file:///%00", "file:///%ff%fe.py",
            "http://[x", "file:///etc/hosts", f"{self._root.as_uri()}/../outside.py",
            f"{self._root.as_uri()}/new.py", f"{self._root.as_uri()}/fifo",
            f"{self._root.as_uri()}/zero", f"{self._root.as_uri()}/loop",
        ]  # fmt: skip
        if self._random.random() < 0.6:
            return self._random.choice(self._files).as_uri()
        return self._random.choice(outside)

    def _position(self) -> dict[str, int]:
        numbers = (0, 1, 2, 5, 17, 80, 10_000, 2**31 - 1)
        return {"line": self._random.choice(numbers), "character": self._random.choice(numbers)}

    def _templates(self) -> list[tuple[str, Any]]:
        document = {"uri": self._uri()}
        span = {"start": self._position(), "end": self._position()}
        words = self._random.choice(("parcel", "read the settings", "add_parcel", "lang:py x", "é"))
        text = self._random.choice(("def f():\n    return 1\n", "\0\ud800", "x = 1\r\r\n", ""))
        folder = {"uri": self._random.choice((document["uri"], "file:///no/such")), "name": "n"}
        version = {**document, "version": self._random.randint(-1, 9)}
        many = [{"range": span, "text": text} for _ in range(self._random.choice((1, 1, 2, 50)))]
        lens = {"range": span, "command": None, "data": {"uri": document["uri"]}}
        return [
            ("codesearch/search", {"query": words, "limit": 3, "paths": ["*.py"], "kinds": []}),
            ("codesearch/search", {"query": words, "workDoneToken": 1, "partialResultToken": "p"}),
            ("codesearch/similar", {"textDocument": document, "position": self._position()}),
            ("codesearch/similar", {"textDocument": document, "range": span}),
            ("codesearch/similar", {"text": text, "languageId": "python"}),
            ("codesearch/status", {"roots": [self._root.as_uri()]}),
            ("codesearch/reindex", {"roots": [document["uri"]]}),
            ("codesearch/pause", {"roots": ["untitled:x"]}),
            ("codesearch/resume", {}),
            ("workspace/symbol", {"query": words, "partialResultToken": 4}),
            ("workspace/executeCommand", {"command": "codesearch.findSimilar", "arguments": [
                {"textDocument": document, "position": self._position()}]}),
            ("workspace/didChangeConfiguration", {"settings": {"codesearch": {"x": {"y": 1}}}}),
            ("workspace/didChangeWatchedFiles", {"changes": [{**document, "type": 2}]}),
            ("workspace/didChangeWorkspaceFolders", {"event": {"added": [folder], "removed": []}}),
            ("textDocument/codeAction", {"textDocument": document, "range": span,
                                         "context": {"diagnostics": []}}),
            ("textDocument/codeLens", {"textDocument": document}),
            ("codeLens/resolve", lens),
            ("textDocument/didOpen", {"textDocument": {**version, "languageId": "python",
                                                       "text": text}}),
            ("textDocument/didChange", {"textDocument": version, "contentChanges": many}),
            ("textDocument/didChange", {"textDocument": version,
                                        "contentChanges": [{"text": text}]}),
            ("textDocument/didSave", {"textDocument": document}),
            ("textDocument/didClose", {"textDocument": document}),
            ("textDocument/hover", {"textDocument": document, "position": self._position()}),
            ("notebookDocument/didOpen", {"notebookDocument": document, "cellTextDocuments": []}),
            ("$/cancelRequest", {"id": f"h{self._random.randint(0, self._number + 1)}"}),
            ("$/setTrace", {"value": "verbose"}),
            ("window/workDoneProgress/cancel", {"token": 1}),
            (self._random.choice(("no/such", "codesearch/", "", "initialized")), {}),
        ]  # fmt: skip


def framed(body: bytes) -> bytes:
    """A body with its header."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every (holder, key) in a JSON value."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    found = []
    for key in keys:
        found.append((value, key))
        if isinstance(value[key], (dict, list)):
            found += _places(value[key])
    return found
