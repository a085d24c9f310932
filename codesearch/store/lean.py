"""Importing LanceDB without the client of its REST service, and without checks of itself.

That client is a thousand generated classes which a local table never uses, and two thirds of the
import: 1.7 s became 0.5 s. While LanceDB is imported, empty classes stand in for them. Nor is each
of its methods compared with the one that it overrides, which was a third of what remained. Anything
that would talk to a REST service is broken after that, so it is done only in processes that
are codesearch's own.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, MutableSequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from codesearch import process

_CLIENT = "lance_namespace_urllib3_client"
_CHECKS = "overrides"


# What is imported at the same time elsewhere must not find what stands in here, nor take it away.
_one_at_a_time = threading.RLock()


@contextmanager
def lean_import() -> Iterator[None]:
    """While it is open, LanceDB may be imported, without what is not needed of it."""
    with _one_at_a_time, _standing_in():
        yield


@contextmanager
def _standing_in() -> Iterator[None]:
    if not process.is_own() or "lancedb" in sys.modules or _CLIENT in sys.modules:
        yield
        return
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    checks = sys.modules.get(_CHECKS)
    sys.modules[_CHECKS] = _unchecked()
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        del sys.modules[_CHECKS]
        if checks is not None:
            sys.modules[_CHECKS] = checks
        for name in [name for name in sys.modules if _is_client(name)]:
            del sys.modules[name]


def _is_client(name: str) -> bool:
    return name == _CLIENT or name.startswith(f"{_CLIENT}.")


def _unchecked() -> ModuleType:
    """What LanceDB takes of `overrides`: a decorator, and a base class that asks for it."""
    module = ModuleType(_CHECKS)
    module.override = lambda method: method  # type: ignore[attr-defined]
    module.EnforceOverrides = object  # type: ignore[attr-defined]
    return module


class _Empty(ModuleType):
    """A module that has every class one asks for; they are good for annotations alone."""

    __path__: MutableSequence[str] = []  # noqa: RUF012 - what makes a module a package

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        made = type(name, (), {"__module__": self.__name__})
        setattr(self, name, made)
        return made


class _Finder(MetaPathFinder, Loader):
    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> ModuleSpec | None:
        del path, target
        return ModuleSpec(fullname, self, is_package=True) if _is_client(fullname) else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Empty(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to execute."""
