r"""Every figure of docs/retrieval.md measured again, and the page written: one command.

python -m benchmarks.repo_search.everything --data ../shared/bench/repo_search --work DIR \
    --source 'mirrors/{owner}+{name}/repo'

Half an hour on a quiet machine of two cores. Each part is a command of its own.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

_RESULTS = "benchmarks/results"
_PAGE = "docs/retrieval.md"


def main() -> None:
    """Run the parts one after the other; the first that fails ends it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="repos.json and annotations/")
    parser.add_argument("--work", required=True, help="where checkouts are made")
    parser.add_argument("--source", required=True, help="git folder or URL with {owner} and {name}")
    given = parser.parse_args()
    where = ("--data", given.data, "--work", given.work)
    source = ("--source", given.source)
    _part("run", *where, *source, "--ablate", "--json", f"{_RESULTS}/search.json")
    _part("cross_validate", *where, "--json", f"{_RESULTS}/cross_validation.json")
    _part("units", *where, *source, "--ablate", "--json", f"{_RESULTS}/units.json")
    _part("identifiers", *where, "--json", f"{_RESULTS}/identifiers.json")
    _part("report", "--record", f"{_RESULTS}/search.json", "--markdown", _PAGE)


def _part(name: str, *arguments: str) -> None:
    command = [sys.executable, "-m", f"benchmarks.repo_search.{name}", *arguments]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
