"""`python -m codesearch.server`: the server without the rest of the command line.

An editor starts it in the workspace, which is not trusted, and `-m` puts that folder first among
those that imports look in. It is taken out before anything else is imported.
"""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Parse the arguments that clients pass, and serve."""
    _leave_out_the_working_folder()
    import argparse

    from codesearch import process

    process.claim()
    process.load_without_collecting()

    from codesearch.server.main import serve

    parser = argparse.ArgumentParser(
        prog="codesearch.server", description="Serve one client, as `codesearch serve` does."
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--stdio", action="store_true", help="use stdin and stdout (the default)")
    where.add_argument("--tcp", action="store_true", help="listen on a loopback port")
    parser.add_argument("--host", default="127.0.0.1", help="loopback address for --tcp")
    parser.add_argument("--port", type=int, default=0, help="port for --tcp; 0 picks a free one")
    options = parser.parse_args()
    serve((options.host, options.port) if options.tcp else None)


def _leave_out_the_working_folder() -> None:
    """Have nothing imported from where the server was started."""
    try:
        working = os.getcwd()  # noqa: PTH109 - pathlib might be the folder's own
    except OSError:
        working = ""  # it has been deleted
    sys.path[:] = [entry for entry in sys.path if entry not in ("", working)]


if __name__ == "__main__":
    main()
