"""Units as lines of text, one a unit: how fixtures say what a file must give.

`python -m tests.languages.show FILE…` prints them, `--write` puts them beside each file.
"""

from __future__ import annotations

import sys
from pathlib import Path

from codesearch.languages import ParseLimits, parse
from codesearch.types import ParsedFile, Unit

FIXTURES = Path(__file__).parent / "fixtures"


def line_of(unit: Unit) -> str:
    """`kind qualified_name | signature | first line of the documentation | Lfirst-Llast`."""
    documentation = unit.documentation.split("\n", 1)[0]
    lines = f"L{unit.span.start_line + 1}-L{unit.span.end_line + 1}"
    return f"{unit.kind} {unit.qualified_name} | {unit.signature} | {documentation} | {lines}"


def show(parsed: ParsedFile) -> str:
    """All units of a file, then its problems."""
    lines = [line_of(unit) for unit in parsed.units]
    lines += [f"! {problem.message} | L{problem.line + 1}" for problem in parsed.problems]
    if parsed.skipped:
        lines.append(f"skipped: {parsed.skipped}")
    return "\n".join(lines) + "\n"


def units_text(file: Path) -> str:
    """What `file` gives today; its path is its name alone."""
    return show(parse(file.name, file.read_bytes(), ParseLimits(seconds=60)))


def main(arguments: list[str]) -> None:
    files = [Path(argument) for argument in arguments if argument != "--write"]
    for file in files:
        text = units_text(file)
        if "--write" in arguments:
            file.with_suffix(".units").write_text(text, encoding="utf-8")
        else:
            sys.stdout.write(text)


if __name__ == "__main__":
    main(sys.argv[1:])
