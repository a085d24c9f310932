"""The language server with a watch on its event loop: `python -m benchmarks.speed.ticking FILE`.

The longest time that the loop did not come round goes to FILE at the end. With `--alone` there is
no server, only a loop: it tells how late the system itself lets anybody be.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from asyncio.base_events import BaseEventLoop
from pathlib import Path

_EVERY = 0.005
_WRITE_EVERY = 0.5
_SETTLE = 1.0  # seconds: imports before `initialize` is answered are measured elsewhere


class Watch:
    """Comes round every 5 ms, and notes by how much it was late."""

    def __init__(self, file: Path, loop: BaseEventLoop) -> None:
        self._file = file
        self._loop = loop
        self._longest = 0.0
        self._due = time.perf_counter() + _SETTLE
        self._write_at = 0.0
        loop.call_later(_SETTLE, self._tick)

    def _tick(self) -> None:
        now = time.perf_counter()
        self._longest = max(self._longest, now - self._due)
        if now >= self._write_at:
            self._file.write_text(json.dumps({"longest_ms": 1000 * self._longest}))
            self._write_at = now + _WRITE_EVERY
        self._due = time.perf_counter() + _EVERY
        self._loop.call_later(_EVERY, self._tick)


def main() -> None:
    """Run the server, or nothing, on a watched loop."""
    file, alone = Path(sys.argv[1]), "--alone" in sys.argv
    run_forever = BaseEventLoop.run_forever

    def watched(loop: BaseEventLoop) -> None:
        Watch(file, loop)
        run_forever(loop)

    BaseEventLoop.run_forever = watched  # type: ignore[assignment, method-assign]
    if alone:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        asyncio.new_event_loop().run_forever()
    else:
        from codesearch import process
        from codesearch.server.main import serve

        process.claim()
        serve()


if __name__ == "__main__":
    main()
