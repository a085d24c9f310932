"""Bringing an index up to date once, for those who do not stay: commands and notebooks."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from codesearch.errors import StoreError
from codesearch.indexing.supervisor import IndexSupervisor, leader_pid, read_status
from codesearch.indexing.unchanged import is_unchanged
from codesearch.settings import Settings
from codesearch.types import IndexStatus, Phase

_STUCK = frozenset({Phase.ERROR, Phase.PAUSED})  # waiting is no use


def refresh(
    root: Path,
    settings: Settings,
    *,
    words_only: bool = False,
    on_status: Callable[[IndexStatus], None] | None = None,
    timeout: float | None = None,
) -> IndexStatus:
    """Read what changed in `root` and wait until it is searchable, then let go of the index.

    With `words_only`, texts that are not encoded yet are left for the next time.
    `on_status` is called from another thread. Waits for `timeout` seconds at most.

    Raises:
        EncoderError: the encoder that the settings name is not there.
        StoreError: indexing stopped; the message says why.
    """
    if leader_pid(root) is None and is_unchanged(root, settings):
        return read_status(root)
    began = time.time()
    supervisor = IndexSupervisor(root, settings, on_status)
    supervisor.start()
    try:
        status = supervisor.wait(lambda now: _settled(now, began, words_only), timeout)
    finally:
        supervisor.stop()
    if status.phase is Phase.ERROR:
        raise StoreError(
            f"indexing stopped: {status.last_error or 'unknown error'}",
            "Run `codesearch doctor` for a diagnosis.",
        )
    return status


def _settled(status: IndexStatus, since: float, words_only: bool) -> bool:
    """Whether a scan begun after `since` is done with, or cannot be."""
    if status.phase in _STUCK:
        return True
    read = status.last_scan_at >= since and status.dirty == 0
    if words_only:
        return read and status.phase in {Phase.ENCODING, Phase.READY}
    return read and status.complete
