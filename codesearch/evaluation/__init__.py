"""How well a repository's own questions are answered: by which encoder, by which stages.

Importing this package loads neither torch, lancedb nor tree-sitter.
"""

from codesearch.evaluation.measure import Asked, Measured, Plan, Report, evaluate
from codesearch.evaluation.questions import COMMITS, DOCUMENTATION, Question
from codesearch.evaluation.systems import EVERYTHING, SYSTEMS, VECTORS_ONLY, WORDS_ONLY

__all__ = [
    "COMMITS",
    "DOCUMENTATION",
    "EVERYTHING",
    "SYSTEMS",
    "VECTORS_ONLY",
    "WORDS_ONLY",
    "Asked",
    "Measured",
    "Plan",
    "Question",
    "Report",
    "evaluate",
]
