"""`python -m codesearch.server`: the server without the rest of the command line."""

from __future__ import annotations

import argparse

from codesearch.server.main import serve


def main() -> None:
    """Parse the arguments that clients pass, and serve."""
    parser = argparse.ArgumentParser(prog="codesearch.server", description=__doc__)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--stdio", action="store_true", help="use stdin and stdout (the default)")
    where.add_argument("--tcp", action="store_true", help="listen on a socket; one client")
    parser.add_argument("--host", default="127.0.0.1", help="address for --tcp")
    parser.add_argument("--port", type=int, default=0, help="port for --tcp; 0 picks a free one")
    options = parser.parse_args()
    serve((options.host, options.port) if options.tcp else None)


if __name__ == "__main__":
    main()
