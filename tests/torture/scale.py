"""How much is tried. `CODESEARCH_TORTURE=100` tries a hundred times as much as CI does."""

from __future__ import annotations

import os

SCALE = int(os.environ.get("CODESEARCH_TORTURE", "1"))
SEED = int(os.environ.get("CODESEARCH_TORTURE_SEED", "1"))
SECONDS = 180 * SCALE  # for a test, on a busy machine; nothing that works needs them
