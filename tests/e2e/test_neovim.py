"""A real headless Neovim 0.11 drives the real server through the plugin in editors/nvim."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PLUGIN = Path(__file__).parents[2] / "editors" / "nvim"
PROBE = Path(__file__).with_name("neovim_probe.lua")
# One session of an editor: generous, since the machine may be busy with other tests.
pytestmark = pytest.mark.timeout(400)
NVIM = Path(sys.executable).with_name("nvim")


@pytest.fixture(scope="module")
def seen(warm: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the probe saw; one session serves all the tests below."""
    root, cache = warm
    home = tmp_path_factory.mktemp("nvim")
    environment = {
        **os.environ,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_DATA_HOME": str(home / "data"),
        "CODESEARCH_CACHE_DIR": str(cache),
        "PROBE_ROOT": str(root),
        "PROBE_PLUGIN": str(PLUGIN),
        "PROBE_PYTHON": sys.executable,
    }
    (root / ".codesearchignore").touch()  # marks the root of a folder that git does not know
    try:
        answer = subprocess.run(
            [NVIM, "--headless", "-u", "NONE", "-i", "NONE", "-n", "-l", PROBE],
            env=environment,
            capture_output=True,
            text=True,
            timeout=380,
            check=False,
        )
    finally:
        (root / ".codesearchignore").unlink()
    lines = [line for line in answer.stdout.splitlines() if line.startswith("PROBE ")]
    assert lines, answer.stdout + answer.stderr
    result: dict[str, Any] = json.loads(lines[0].removeprefix("PROBE "))
    return result


def test_it_is_neovim_011() -> None:
    version = subprocess.run([NVIM, "--version"], capture_output=True, text=True, check=True)
    assert version.stdout.startswith("NVIM v0.11")


def test_without_a_server_the_user_is_told_what_to_do(seen: dict[str, Any]) -> None:
    assert "vim.lsp.enable" in seen["without_server"]


def test_the_client_attaches_to_the_repository(
    seen: dict[str, Any], warm: tuple[Path, Path]
) -> None:
    assert Path(seen["root"]) == warm[0]
    assert seen["encoding"] == "utf-8"


def test_search_fills_the_quickfix_list_in_the_servers_order(seen: dict[str, Any]) -> None:
    found = seen["search"]
    assert "try again later" in found["title"]
    assert {"persistently", "fetchWithRetry"} & set(
        " ".join(i["text"] for i in found["items"][:2]).replace("(", " ").split()
    )
    assert seen["first_line_shown"] == found["items"][0]["source"]
    assert all(item["line"] > 0 for item in found["items"])


def test_similar_from_the_cursor(seen: dict[str, Any]) -> None:
    texts = [item["text"] for item in seen["similar"]["items"]]
    assert any("fetchWithRetry" in text for text in texts)
    assert not any("persistently" in text for text in texts)


def test_similar_from_a_range(seen: dict[str, Any]) -> None:
    texts = [item["text"] for item in seen["similar_lines"]["items"][:5]]
    assert any("sign" in text for text in texts)
    assert not any("sign_webhook" in text for text in texts)


def test_a_picker_opens_the_chosen_hit(seen: dict[str, Any]) -> None:
    assert seen["select"]["count"] > 1
    assert "shortest_route" in seen["select"]["label"]
    assert seen["selected_file"] == "lib.rs"


def test_an_unsaved_buffer_is_searched_as_it_is_on_the_screen(seen: dict[str, Any]) -> None:
    first = seen["unsaved"]["items"][0]
    assert first["file"] == "quotes.py"
    assert "tickle_the_walrus" in first["source"]


def test_workspace_symbol_understands_questions(seen: dict[str, Any]) -> None:
    assert any("distance_to" in name for name in seen["symbols"][:3])
