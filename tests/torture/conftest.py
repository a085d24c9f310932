"""Servers and a project, as the tests of the server's room have them."""

from tests.server.conftest import start, workspace

__all__ = ["start", "workspace"]
