"""An index that remembers: many systems ask it the same for one question."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, cast

import numpy as np

from codesearch.search.reader import Reader


class Memory:
    """What an index answered since the last `forget`. For one index that stays as it is."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Any] = {}

    def forget(self) -> None:
        """Ask the index again from now on."""
        self._known.clear()

    def through(self, index: Reader) -> Reader:
        """`index`, with this memory before it."""
        return cast(Reader, _Remembered(index, self))

    def recall(self, key: Hashable, ask: Callable[[], Any]) -> Any:
        """What was answered to the question `key`, or what `ask` gives."""
        if key not in self._known:
            self._known[key] = ask()
        return self._known[key]


class _Remembered:
    """Any `Reader`: every method of it only answers."""

    def __init__(self, index: Reader, memory: Memory) -> None:
        self._index = index
        self._memory = memory

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._index, name)

        def ask(*args: Any, **named: Any) -> Any:
            values = (*args, *named.items())
            return self._memory.recall((name, _key(values)), lambda: method(*args, **named))

        return ask


def _key(value: Any) -> Hashable:
    if isinstance(value, np.ndarray):
        return value.tobytes()
    if isinstance(value, (list, tuple)):
        return tuple(map(_key, value))
    return cast(Hashable, value)
