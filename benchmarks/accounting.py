"""Does a warm-up account for every file, and does a second one encode nothing?

python -m benchmarks.accounting FOLDER... [--markdown OUT]

Each FOLDER is warmed up twice through the command. Regular files on disk are counted
independently of codesearch's own scan: with `git ls-files` where there is a repository, else by
walking all but the folders of tools (docs/indexing.md). A row is good when files with units and
files with a reason add up to that number, the second run encodes no text, and the index is
complete after both.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from codesearch.indexing.defaults import is_tool_folder

HEADER = ["folder", "files", "with units", "left out", "units", "texts", "again", "good"]


def main() -> int:
    """Warm up each folder twice, print a table, and return 1 if any row is not good."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--markdown", type=Path)
    arguments = parser.parse_args()
    rows = [_row(folder.resolve()) for folder in arguments.folders]
    table = "\n".join("| " + " | ".join(map(str, row)) + " |" for row in _table(rows)) + "\n"
    print(table)
    if arguments.markdown:
        arguments.markdown.write_text(table)
    return 0 if all(row[-1] == "yes" for row in rows) else 1


def _row(folder: Path) -> list[object]:
    first, second = _warm_up(folder), _warm_up(folder)
    left_out = sum(second["skipped"].values())
    files = _files(folder)
    again = second["texts_encoded"] - first["texts_encoded"]
    complete = first["complete"] and second["complete"]
    good = complete and again == 0 and second["files"] + left_out == files
    return [
        folder.name,
        files,
        second["files"],
        ", ".join(f"{count} {why}" for why, count in sorted(second["skipped"].items())) or "none",
        second["units"],
        second["texts_encoded"] + second["cache_hits"],
        again,
        "yes" if good else "no",
    ]


def _warm_up(folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "codesearch.cli.main", "warmup", "--json", str(folder)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if not answer.stdout:
        raise SystemExit(answer.stderr)
    result: dict[str, Any] = json.loads(answer.stdout)
    return result


def _files(folder: Path) -> int:
    listed = subprocess.run(
        ["git", "-C", str(folder), "ls-files", "-co", "--exclude-standard", "-z"],
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        return len({name for name in listed.stdout.split(b"\0") if name})
    count = 0
    for _, inner, names in os.walk(folder):
        inner[:] = [name for name in inner if not is_tool_folder(name)]
        count += len(names)
    return count


def _table(rows: list[list[object]]) -> list[list[object]]:
    return [list(HEADER), ["---"] * len(HEADER), *rows]


if __name__ == "__main__":
    raise SystemExit(main())
