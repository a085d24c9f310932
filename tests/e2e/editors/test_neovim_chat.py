"""The tool for language models, in the real CodeCompanion.

No package registry carries that: the test is there only where `CODESEARCH_TEST_PLUGINS` names a
folder with a clone. `test_neovim.py` calls the tool itself, everywhere.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.editors.neovims import VERSIONS, plugin, session, telescope

PROBE = Path(__file__).with_name("neovim_chat.lua")
pytestmark = [pytest.mark.timeout(400), pytest.mark.xdist_group("neovim")]

if companion := plugin("codecompanion.nvim"):

    @pytest.mark.parametrize("version", VERSIONS)
    def test_a_language_model_finds_code(
        version: str, warm: tuple[Path, Path], tmp_path: Path
    ) -> None:
        plenary = telescope()[0]
        seen = session(version, PROBE, warm, tmp_path, [plenary, companion])
        assert "web/src/client.ts:16-25 fetchWithRetry\n" in seen["answer"]
        assert "export async function fetchWithRetry" in seen["answer"]
        assert "the query is empty" in seen["empty"]
        assert "Searched the code for `how is a retry delayed`: 3 places" in seen["shown"]
