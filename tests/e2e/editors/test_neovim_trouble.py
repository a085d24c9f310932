"""Several roots, buffers without a file, crashes, restarts, wide characters: in real Neovims."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codesearch.search.engine import LOADING
from tests.e2e.editors.neovims import VERSIONS, plugin, session

PROBE = Path(__file__).with_name("neovim_trouble.lua")
pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.parametrize("seen", VERSIONS, indirect=True, scope="module"),
    pytest.mark.xdist_group("neovim"),
]


@pytest.fixture(scope="module")
def seen(
    request: pytest.FixtureRequest,
    warm: tuple[Path, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Any]:
    """What the probe saw in one version; one session serves all the tests below."""
    extra = [found for name in ("nvim-lspconfig",) if (found := plugin(name))]
    return session(request.param, PROBE, warm, tmp_path_factory.mktemp("nvim"), extra)


def test_one_server_serves_several_roots(seen: dict[str, Any]) -> None:
    assert seen["servers"] == 1
    assert seen["second_root"] == ["tea.py"]
    assert set(seen["second_root_alone"]) == {"tea.py"}
    assert {"tea.py", "notify/dispatch.py"} <= set(seen["all_roots"])


def test_indexing_is_told_as_progress(seen: dict[str, Any]) -> None:
    told = seen["progress"]
    begun = [one["title"] for one in told if one["kind"] == "begin"]
    assert any(title.startswith("Indexing ") for title in begun)  # a tiny folder may be too quick
    assert told[-1]["kind"] == "end"


def test_a_buffer_without_a_file_can_be_searched_from(seen: dict[str, Any]) -> None:
    nameless = seen["nameless"]
    assert nameless["attached"] == 0
    assert nameless["similar"]["count"] > 0
    assert nameless["lines"]["count"] > 0
    assert nameless["search"]["count"] > 0
    assert nameless["duplicates"] == {"count": 0, "err": "this buffer shows no file"}
    assert nameless["statusline"] == "codesearch"


def test_help_is_no_document_and_no_obstacle(seen: dict[str, Any]) -> None:
    assert seen["help"]["attached"] == 0
    assert seen["help"]["search"]["count"] > 0


def test_a_file_that_was_never_saved_is_found(seen: dict[str, Any]) -> None:
    assert seen["not_on_disk"] == "brand_new.py"


def test_a_server_that_dies_is_replaced(seen: dict[str, Any]) -> None:
    assert seen["failures"] == ["the server has stopped"]
    assert seen["statusline_crashed"] == ""
    assert seen["after_crash"] == "sign_webhook"
    assert seen["another_server"]
    assert seen["attached_again"]


def test_a_restart_brings_all_back(seen: dict[str, Any]) -> None:
    own = ":LspRestart" if plugin("nvim-lspconfig") else "off and on"
    assert seen["restarted_by"] == (own if seen["version"] == "0.11" else ":lsp restart")
    assert seen["restarted"]
    assert seen["servers_after_restart"] == 1
    assert str(seen["expected_root"]) in seen["roots_again"]
    assert seen["after_restart"] == "sign_webhook"
    # On a busy machine the encoder may not be there for the first question; nothing else is told.
    assert set(seen["restart_notices"]) <= {f"codesearch: {LOADING}"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_columns_behind_wide_characters(seen: dict[str, Any], encoding: str) -> None:
    found = seen["columns"][encoding]
    before = "/* " + "é𝄞" * 12 + " */ function "
    assert found["encoding"] == encoding
    units = {"utf-8": len(before.encode()), "utf-16": len(before.encode("utf-16-le")) // 2}
    assert found["character"] == units[encoding]
    assert found["item"]["column"] == len(before.encode()) + 1
    assert found["under_cursor"] == "fillTheKettle"
    assert found["similar"] == "fill.js"
    assert found["edited"] == "heatTheKettle"
    assert found["signature"] == "function heatTheKettle(cup)"
