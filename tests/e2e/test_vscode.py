"""The extension in editors/vscode: built, packaged, and used in real VS Codes.

The editors come from the npm registry and Chromium from Debian; both are kept for the next run.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from tests.e2e.editors import wheels

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "editors" / "vscode"
VSIX = EXTENSION / "dist" / "codesearch.vsix"
# Installing two editors and five hundred packages takes what the network takes.
pytestmark = pytest.mark.timeout(1500)


def run(*command: str, **given: str) -> str:
    """Run something in the extension's folder; what it printed, or a failure that shows it."""
    cache = Path.home() / ".cache" / "codesearch-vscode"
    environment = {
        **os.environ,
        **given,
        "CODESEARCH_VSCODE_CACHE": os.environ.get("CODESEARCH_VSCODE_CACHE", str(cache)),
        "CODESEARCH_COMMAND": json.dumps([str(Path(sys.executable).with_name("codesearch"))]),
        "CHROMIUM": shutil.which("chromium") or "chromium",
        "PYTHON": sys.executable,
    }
    program = shutil.which(command[0])
    assert program, f"{command[0]} is needed to test the VS Code extension: install Node.js 20"
    answer = subprocess.run(
        [program, *command[1:]],
        cwd=EXTENSION,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout[-8000:]
    return answer.stdout


def _shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run have in common."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base


@pytest.fixture(scope="module")
def extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built VSIX and the tests beside it, once for all processes of this run."""
    shared = _shared(tmp_path_factory)
    with FileLock(shared / "vscode.lock"):
        done = shared / "vscode.done"
        if not done.exists():
            _install_chromium()
            run("npm", "ci", "--ignore-scripts")
            run("npm", "run", "package")
            run("npm", "run", "build", "--", "--tests", "--minify")
            run("node", "test/editor.mjs")
            done.touch()
    return VSIX


@pytest.fixture(scope="module")
def sources(extension: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the server can be installed with and from, without a network."""
    folder = _shared(tmp_path_factory) / "vscode-sources"
    with FileLock(folder.with_suffix(".lock")):
        if not folder.exists():
            wheels.wheel_folder(folder / "wheels")
            wheels.python_names(folder / "pythons")
    return {
        "CODESEARCH_TEST_WHEELS": str(folder / "wheels"),
        "CODESEARCH_TEST_PYTHONS": str(folder / "pythons"),
        "CODESEARCH_TEST_UV": str(Path(sys.executable).parent),
    }


def _install_chromium() -> None:
    if shutil.which("chromium"):
        return
    assert shutil.which("apt-get"), "Chromium is needed to test the VS Code extension"
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
        subprocess.run(["apt-get", "-qq", *arguments], check=True, capture_output=True)


@pytest.mark.parametrize("editor", ["newest", "oldest"])
def test_the_suites_pass_in_the_extension_host(sources: dict[str, str], editor: str) -> None:
    printed = run("node", "test/host.mjs", editor, **sources)
    assert "finds by meaning, best first" in printed
    assert not re.search(r"\d+ (failing|pending)", printed), printed


def test_the_first_minute_in_the_oldest_editor(sources: dict[str, str]) -> None:
    """Its other steps need ripgrep, which npm does not carry for it: it finds no files."""
    printed = run("node", "test/ui.mjs", "oldest", "--only=empty profile", **sources)
    assert "ok an empty profile and a repository" in printed


def test_a_person_finds_what_they_look_for(sources: dict[str, str]) -> None:
    printed = run("node", "test/ui.mjs", "newest", **sources)
    assert "ok nothing is left running after the window closed" in printed


def test_nothing_that_an_untrusted_workspace_names_is_run(sources: dict[str, str]) -> None:
    printed = run("node", "test/trust.mjs", "newest", **sources)
    assert "ok nothing is left" in printed


def test_windows_share_one_writer_and_reloads_leave_nothing(extension: Path) -> None:
    reloads = os.environ.get("CODESEARCH_RELOADS", "10")
    printed = run("node", "test/windows.mjs", "newest", "5", reloads)
    assert "ok" in printed


def test_the_package_is_small_and_has_what_it_needs(extension: Path) -> None:
    assert extension.stat().st_size < 1_000_000
    names = zipfile.ZipFile(extension).namelist()
    assert any(re.fullmatch(r"extension/server/codesearch-.*\.whl", name) for name in names)
    assert not [name for name in names if "node_modules" in name or name.endswith((".ts", ".map"))]


def _manifest() -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((EXTENSION / "package.json").read_text("utf-8"))
    return manifest


def _settings() -> dict[str, Any]:
    groups = _manifest()["contributes"]["configuration"]
    return {name: schema for group in groups for name, schema in group["properties"].items()}


def test_every_setting_of_the_server_is_offered() -> None:
    text = (ROOT / "docs" / "settings.md").read_text("utf-8")
    table = text.split("| setting |")[1]
    names = re.findall(r"`((?:encoder|indexing|search|server|duplicates)\.\w+)`", table)
    camel = {"codesearch." + re.sub(r"_(\w)", lambda m: m[1].upper(), name) for name in names}
    assert camel <= set(_settings())


def test_defaults_are_those_of_the_server() -> None:
    from codesearch.settings import Settings

    for name, schema in _settings().items():
        _, group, key, *_ = [*name.split("."), ""]
        held = getattr(Settings(), group, None)
        snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).lower()
        if held is not None and hasattr(held, snake):
            default = getattr(held, snake)
            expected = list(default) if isinstance(default, tuple) else default
            assert schema["default"] == expected, name


def test_every_text_of_the_manifest_can_be_translated() -> None:
    texts = json.loads((EXTENSION / "package.nls.json").read_text("utf-8"))
    used = set(re.findall(r'"%([^"%]+)%"', json.dumps(_manifest())))
    assert used == set(texts)


def test_every_text_of_the_sources_can_be_translated() -> None:
    bundle = json.loads((EXTENSION / "l10n" / "bundle.l10n.json").read_text("utf-8"))
    sources = "".join(path.read_text("utf-8") for path in (EXTENSION / "src").rglob("*.ts"))
    plain = set(re.findall(r"l10n\.t\(\s*'((?:[^'\\]|\\.)*)'", sources))
    assert {text.replace("\\'", "'") for text in plain} == set(bundle), "run npm run l10n"


def test_versions_are_in_lock_step() -> None:
    from codesearch import __version__

    assert _manifest()["version"] == __version__
