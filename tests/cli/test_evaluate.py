"""`codesearch eval` as a command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from codesearch.cli.clean import command as clean
from codesearch.cli.evaluate import command
from codesearch.cli.main import cli
from codesearch.errors import EncoderError, UsageError
from codesearch.paths import evaluation_home, user_settings_file
from tests.search.conftest import FILES, write


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Documented code in two languages, without a history."""
    monkeypatch.setenv("CODESEARCH_TEST", "1")
    root = tmp_path / "parcels"
    for path in ("net/client.py", "limiter/bucket.go"):
        write(root, path, FILES[path])
    user_settings_file().parent.mkdir(parents=True, exist_ok=True)
    user_settings_file().write_text('[encoder]\nname = "fake"\n')
    return root


def run(*arguments: str | Path) -> tuple[str, str, int]:
    result = CliRunner().invoke(
        command, [str(one) for one in arguments], standalone_mode=False, catch_exceptions=False
    )
    if result.exception is not None:
        raise result.exception
    return result.stdout, result.stderr, result.return_value


def test_a_table_for_people(repository: Path) -> None:
    shown, notes, code = run(repository, "--quiet")
    assert code == 0
    first, *rows = [line for line in shown.splitlines() if line]
    assert first.startswith(f"{repository}: ")
    assert "questions" in first
    assert rows[0].startswith("fake  (indexed in ")
    labels = [line.split("  ")[1].strip() or line.strip().split("  ")[0] for line in rows[2:]]
    assert labels == ["documentation", "words only", "vectors only", "in go", "in python"]
    assert "no git history" in notes


def test_an_object_for_scripts(repository: Path) -> None:
    shown, _, code = run(repository, "--json", "--sample", "2", "--seed", "3", "--no-commits")
    answer = json.loads(shown)
    assert code == 0
    assert (answer["sample"], answer["seed"], answer["questions"], answer["notes"]) == (2, 3, 2, [])
    [encoder] = answer["encoders"]
    assert {one["system"] for one in encoder["figures"]} == {
        "everything",
        "words only",
        "vectors only",
    }


def test_nothing_to_ask(tmp_path: Path, repository: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    shown, notes, code = run(empty)
    assert code == 1
    assert "0 questions" in shown
    assert "nothing to ask" in notes


def test_what_cannot_be_measured(repository: Path) -> None:
    with pytest.raises(EncoderError, match="nowhere"):
        run(repository, "--encoder", "fake", "--encoder", "/nowhere/model")
    with pytest.raises(UsageError, match="without a name"):
        run(repository, "--encoder", "")
    with pytest.raises(UsageError, match="not a folder"):
        run(repository / "missing")


def test_help_names_it() -> None:
    shown = CliRunner().invoke(cli, ["--help"]).output
    assert "eval" in shown


def test_clean_takes_what_a_killed_one_left() -> None:
    left = evaluation_home() / "999999999-abcd" / "parcels"
    left.mkdir(parents=True)
    result = CliRunner().invoke(clean, ["--all", "--yes"])
    assert result.exit_code == 0, result.output
    assert not evaluation_home().exists()
