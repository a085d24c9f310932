"""Asking LanceDB, whose errors have no base of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from codesearch.errors import CodesearchError

if TYPE_CHECKING:
    from codesearch.store.table import Table

_T = TypeVar("_T")


class TableError(Exception):
    """Whatever LanceDB, or what it is made of, raised."""


def attempt(action: Callable[[Table], _T], table: Table) -> _T:
    """`action(table)`; TableError for everything that is not an error of ours."""
    try:
        return action(table)
    except CodesearchError:
        raise
    except Exception as error:
        raise TableError(str(error)) from error
