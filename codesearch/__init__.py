"""Semantic code search that stays on your machine."""

from __future__ import annotations

__version__ = "0.1.0"
