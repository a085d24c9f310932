"""What a busy editor says, without end and from one seed; and some of what a hostile one does."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.server.client import FAKE
from tests.torture.messages import Hostile, framed

_LINES = 40  # of the document that is typed in: it stays as long as it is
_HOSTILE = 0.02
_REMEMBERED = 50  # requests of which any may be cancelled
_QUESTIONS = ("add_parcel", "read the settings", "round money", "lang:py load", "kind:class x")
_FOREIGN = ("hover", "completion", "definition", "signatureHelp", "foldingRange", "inlayHint")


class Chatter:
    """Frames of an editor whose folder is `root`, and `hostile` ones among them."""

    def __init__(self, root: Path, seed: int) -> None:
        self._random = random.Random(seed)
        self._root = root
        self._hostile = Hostile(root, seed)
        self._typed = (root / "store.py").as_uri()
        self._version = 1
        self._number = 0
        self._kinds = (
            (50, self._type), (22, self._cancel), (15, self._ask_what_nobody_answers),
            (4, self._look_at_the_status), (2.5, self._ask_about_a_line), (2, self._name_a_symbol),
            (2, self._open_and_close), (1.5, self._trace), (0.7, self._search),
            (0.3, self._similar),
        )  # fmt: skip

    def again(self) -> bytes:
        """What makes all as it was at first, whatever hostile frames have done since."""
        self._version = 1
        text = "\n".join(f"line_{n} = {n}" for n in range(_LINES))
        document = {"uri": self._typed, "languageId": "python", "version": 1, "text": text}
        folders = {"added": [{"uri": self._root.as_uri(), "name": "shop"}], "removed": []}
        return b"".join(
            (
                _said("textDocument/didClose", {"textDocument": {"uri": self._typed}}),
                _said("textDocument/didOpen", {"textDocument": document}),
                _said("workspace/didChangeConfiguration", {"settings": FAKE}),
                _said("workspace/didChangeWorkspaceFolders", {"event": folders}),
                self._asked("codesearch/resume", {}),
            )
        )

    def frames(self, count: int) -> Iterator[bytes]:
        """So many frames, some of which are hostile."""
        weights = [weight for weight, _ in self._kinds]
        kinds = [kind for _, kind in self._kinds]
        for kind in self._random.choices(kinds, weights, k=count):
            if self._random.random() < _HOSTILE:
                yield from self._hostile.frames(1)
            else:
                yield kind()

    def _asked(self, method: str, params: Any) -> bytes:
        self._number += 1
        message = {"jsonrpc": "2.0", "id": f"c{self._number}", "method": method, "params": params}
        return framed(json.dumps(message).encode())

    def _document(self) -> dict[str, str]:
        name = self._random.choice(("store.py", "money.js"))
        return {"uri": (self._root / name).as_uri()}

    def _span(self) -> dict[str, dict[str, int]]:
        line = self._random.randrange(_LINES)
        return {
            "start": {"line": line, "character": 0},
            "end": {"line": line, "character": 4},
        }

    def _type(self) -> bytes:
        """Four letters in place of four others."""
        self._version += 1
        change = {"range": self._span(), "text": f"l{self._random.randrange(100, 1000)}"}
        document = {"uri": self._typed, "version": self._version}
        params = {"textDocument": document, "contentChanges": [change]}
        return _said("textDocument/didChange", params)

    def _cancel(self) -> bytes:
        number = self._number - self._random.randrange(_REMEMBERED)
        return _said("$/cancelRequest", {"id": f"c{number}"})

    def _ask_what_nobody_answers(self) -> bytes:
        position = self._span()["start"]
        params = {"textDocument": self._document(), "position": position}
        return self._asked(f"textDocument/{self._random.choice(_FOREIGN)}", params)

    def _look_at_the_status(self) -> bytes:
        return self._asked("codesearch/status", {})

    def _ask_about_a_line(self) -> bytes:
        params: dict[str, Any] = {"textDocument": self._document()}
        if self._random.random() < 0.5:
            return self._asked("textDocument/codeLens", params)
        params |= {"range": self._span(), "context": {"diagnostics": []}}
        return self._asked("textDocument/codeAction", params)

    def _name_a_symbol(self) -> bytes:
        return self._asked("workspace/symbol", {"query": self._random.choice(_QUESTIONS)})

    def _open_and_close(self) -> bytes:
        uri = (self._root / f"new{self._random.randrange(9)}.py").as_uri()
        document = {"uri": uri, "languageId": "python", "version": 1, "text": "x = 1\n" * 50}
        opened = _said("textDocument/didOpen", {"textDocument": document})
        return opened + _said("textDocument/didClose", {"textDocument": {"uri": uri}})

    def _trace(self) -> bytes:
        return _said("$/setTrace", {"value": self._random.choice(("off", "messages"))})

    def _search(self) -> bytes:
        return self._asked("codesearch/search", {"query": self._random.choice(_QUESTIONS)})

    def _similar(self) -> bytes:
        params = {"textDocument": self._document(), "position": self._span()["start"]}
        return self._asked("codesearch/similar", params)


def _said(method: str, params: Any) -> bytes:
    message = {"jsonrpc": "2.0", "method": method, "params": params}
    return framed(json.dumps(message).encode())
