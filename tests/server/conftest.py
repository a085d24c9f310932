"""Real server processes, ended at the end of each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.server.client import Server

STORE = '''"""A shop's storage."""

import json


class ParcelStore:
    """Keeps parcels by number."""

    def add_parcel(self, number, parcel):
        """Put a parcel on the shelf."""
        self.shelf[number] = parcel

    def remove_parcel(self, number):
        """Take a parcel off the shelf."""
        return self.shelf.pop(number)


def read_settings(path):
    """Load the configuration file from disk."""
    with open(path) as stream:
        return json.load(stream)


def load_options(path):
    """Load the options file from disk."""
    with open(path) as stream:
        return json.load(stream)
'''
MONEY = """// Rounds an amount of money to whole cents.
export function roundMoney(amount) {
  return Math.round(amount * 100) / 100;
}

export const formatInvoice = (invoice) => {
  return `${invoice.number}: ${roundMoney(invoice.total)}`;
};
"""


@dataclass(frozen=True)
class Shared:
    """A server and the folder it has indexed."""

    server: Server
    root: Path

    def uri(self, name: str) -> str:
        return (self.root / name).as_uri()


def project(root: Path) -> Path:
    """A small project in two languages."""
    root.mkdir()
    (root / "store.py").write_text(STORE)
    (root / "money.js").write_text(MONEY)
    return root


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A project of the test's own."""
    return project(tmp_path / "shop")


@pytest.fixture
def start() -> Iterator[Callable[..., Server]]:
    """Starts servers; whatever still runs at the end is killed."""
    servers: list[Server] = []

    def begin(**options: object) -> Server:
        servers.append(Server(**options))  # type: ignore[arg-type]
        return servers[-1]

    yield begin
    for server in servers:
        server.kill()


@pytest.fixture
def server(start: Callable[..., Server]) -> Server:
    """A server that has not been initialized."""
    return start()


@pytest.fixture
def ready(server: Server, workspace: Path) -> Server:
    """A server whose folder is indexed completely."""
    server.open(workspace)
    server.wait_ready()
    return server


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    """One indexed project for all tests of a module, none of which may change it."""
    home = tmp_path_factory.mktemp("shared")
    root = project(home / "shop")
    server = Server(
        env={
            "CODESEARCH_CACHE_DIR": str(home / "cache"),
            "CODESEARCH_CONFIG": str(home / "config.toml"),
        }
    )
    server.open(root)
    server.wait_ready()
    yield Shared(server, root)
    server.kill()
