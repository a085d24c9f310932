"""`codesearch similar`: where FILE:LINE:COL points."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from codesearch.cli.similar import command
from codesearch.paths import user_settings_file
from tests.search.conftest import FILES, build, write


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two functions on the one line of two.js, and a near copy of the second elsewhere."""
    monkeypatch.setenv("CODESEARCH_TEST", "1")
    root = tmp_path / "parcels"
    config = FILES["web/src/config.js"]
    one = " ".join(config.partition("export ")[2].partition("\n\n")[0].split())
    user_settings_file().parent.mkdir(parents=True, exist_ok=True)
    user_settings_file().write_text('[encoder]\nname = "fake"\n')
    write(root, "config.js", config)
    write(root, "shrug.py", "def shrug_at_nothing():\n    return None\n")
    write(root, "two.js", f"function shrug_at_nothing() {{ return null; }} {one}\n")
    build(root)
    monkeypatch.chdir(root)
    return root


@pytest.mark.parametrize(("column", "expected"), [(10, "shrug.py"), (60, "config.js")])
def test_the_column_chooses_between_functions_on_one_line(
    repository: Path, column: int, expected: str
) -> None:
    arguments = [f"two.js:1:{column}", "--root", str(repository), "--no-update"]
    shown = CliRunner().invoke(command, arguments)
    assert shown.output.startswith(expected), shown.output
