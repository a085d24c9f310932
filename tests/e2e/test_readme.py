"""What README.md shows is what happens."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.e2e.conftest import codesearch

README = Path(__file__).parents[2] / "README.md"


def test_the_demo_prints_what_the_readme_says(tmp_path: Path) -> None:
    text = README.read_text(encoding="utf-8")
    blocks = re.findall(r"<!-- demo command -->\n```sh\n(.*?)```.*?```\n(.*?)```", text, re.DOTALL)
    command, shown = blocks[0]
    printed = []
    for part in command.replace("\\\n", " ").split("&&"):
        words = shlex.split(part)
        if words[0] == ".venv/bin/codesearch":
            answer = codesearch(*words[1:], cwd=README.parent, cache=tmp_path / "cache")
            assert answer.returncode == 0, answer.stderr
            printed.append(answer.stdout.splitlines())
    lines = shown.splitlines()
    # The best hit of each; those behind it may change places with the processor's number format.
    assert [printed[1][0], printed[2][0]] == [lines[0], lines[2]]
