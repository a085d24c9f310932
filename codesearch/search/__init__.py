"""From a question to hits: understanding, recall, fusion, ranking, similar, snippets.

Importing this package loads neither torch nor lancedb; the first question does.
"""

from __future__ import annotations

from codesearch.search.engine import Searcher, merge
from codesearch.search.handle import EncoderHandle
from codesearch.search.overlay import Overlay
from codesearch.search.stages import Stages

__all__ = ["EncoderHandle", "Overlay", "Searcher", "Stages", "merge"]
