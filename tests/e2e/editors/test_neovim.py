"""Real headless Neovims drive the real server through the plugin in editors/nvim."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from codesearch.languages import LANGUAGES
from tests.e2e.editors.neovims import VERSIONS, neovim, session

PROBE = Path(__file__).with_name("neovim_probe.lua")
# One session of an editor: generous, since the machine may be busy with other tests.
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
    return session(request.param, PROBE, warm, tmp_path_factory.mktemp("nvim"))


def test_it_is_the_neovim_it_says(seen: dict[str, Any]) -> None:
    run = [str(neovim(seen["version"])), "--version"]
    version = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    found = re.match(r"NVIM v0\.(\d+)", version)
    assert found is not None
    assert int(found[1]) == 11 if seen["version"] == "0.11" else int(found[1]) >= 12


def test_nothing_is_loaded_before_it_is_needed(seen: dict[str, Any]) -> None:
    assert not seen["loaded_at_start"]
    assert seen["statusline_before"] == ""


def test_without_a_server_the_user_is_told_what_to_do(seen: dict[str, Any]) -> None:
    assert "no-such-program" in seen["without_server"]
    assert ":checkhealth codesearch" in seen["without_server"]


def test_the_client_attaches_to_the_repository(seen: dict[str, Any]) -> None:
    assert Path(seen["root"]) == seen["expected_root"]
    assert seen["encoding"] == "utf-8"


def test_search_fills_the_quickfix_list_in_the_servers_order(seen: dict[str, Any]) -> None:
    found = seen["search"]
    assert "try again later" in found["title"]
    texts = [item["text"] for item in found["items"]]
    assert "persistently" in " ".join(texts[:3]) or "fetchWithRetry" in " ".join(texts[:3])
    assert seen["first_line_shown"] == found["items"][0]["source"]
    assert all(item["line"] > 0 for item in found["items"])
    scores = [float(text.split()[0]) for text in texts]
    assert scores == sorted(scores, reverse=True)
    assert "vector" in texts[0].split(" · ")[-1]


def test_similar_from_the_cursor_and_from_the_code_action(seen: dict[str, Any]) -> None:
    for found in (seen["similar"], seen["action"]):
        texts = [item["text"] for item in found["items"]]
        assert any("fetchWithRetry" in text for text in texts)
        assert not any("persistently" in text for text in texts)


def test_similar_from_a_range(seen: dict[str, Any]) -> None:
    texts = [item["text"] for item in seen["similar_lines"]["items"][:5]]
    assert any("sign" in text for text in texts)
    assert not any("sign_webhook" in text for text in texts)


def test_the_location_list(seen: dict[str, Any]) -> None:
    assert seen["loclist"]["title"] == "Code search: sign a webhook"
    assert len(seen["loclist"]["items"]) == 3


def test_a_picker_opens_the_chosen_hit(seen: dict[str, Any]) -> None:
    assert seen["select"]["count"] > 1
    assert "shortest_route" in seen["select"]["label"]
    assert seen["selected_file"] == "lib.rs"


def test_an_unsaved_buffer_is_searched_as_it_is_on_the_screen(seen: dict[str, Any]) -> None:
    first = seen["unsaved"]["items"][0]
    assert first["file"] == "quotes.py"
    assert "tickle_the_walrus" in first["source"]


def test_duplicates_are_told_once_for_each_pair(seen: dict[str, Any]) -> None:
    texts = [item["text"] for item in seen["duplicates"]["items"]]
    walrus = [text for text in texts if "tickle_the_walrus" in text]
    assert len(walrus) == 1
    assert "tickle_the_seal" in walrus[0]


def test_duplicates_are_diagnostics_once_saved(seen: dict[str, Any]) -> None:
    found = [one for one in seen["diagnostics"] if "tickle" in one["line"]]
    assert len(found) == 2
    assert {one["source"] for one in found} == {"codesearch"}
    assert {one["code"] for one in found} == {"near-duplicate"}
    assert {one["severity"] for one in found} == {"INFO"}
    assert {one["column"] for one in found} == {len("def ")}
    assert "tickle_the_seal" in found[0]["message"]


def test_workspace_symbol_understands_questions(seen: dict[str, Any]) -> None:
    assert any("distance_to" in name for name in seen["symbols"][:3])


def test_status_says_how_the_index_stands(seen: dict[str, Any]) -> None:
    shown = "\n".join(seen["status"])
    assert seen["expected_root"].name in shown
    assert "100%" in shown
    assert seen["status_events"] > 0
    assert seen["statusline_ready"] == "codesearch"
    assert seen["statusline_paused"] == "codesearch paused"


def test_completion_knows_filters_options_and_every_language(seen: dict[str, Any]) -> None:
    assert seen["complete_kind"] == ["kind:method"]
    assert set(seen["complete_lang"]) == {f"lang:{name}" for name in [*LANGUAGES, "text"]}
    assert seen["complete_option"] == ["++loclist"]


def test_maps_highlights_and_help_are_there(seen: dict[str, Any]) -> None:
    assert "CodeSearchSimilar" in seen["plug"]
    assert seen["highlight"] == "Comment"
    assert "*:CodeSearchSimilar*" in seen["help"]


def test_checkhealth_tells_what_matters(seen: dict[str, Any]) -> None:
    for part in ("Neovim 0.", "command:", "Python 3", "protocol 1", "position encoding: utf-8"):
        assert part in seen["health"]
    for part in ("index: ready", "encoder: ", "watcher: no warnings", "ERROR"):
        assert (part in seen["health"]) == (part != "ERROR"), seen["health"]


def test_only_the_newest_question_is_answered(seen: dict[str, Any]) -> None:
    assert seen["live"] == [{"text": "sign a webhook", "count": 2}]
    assert seen["withdrawn"] == 0


def test_a_language_model_is_told_places_and_code(seen: dict[str, Any]) -> None:
    assert seen["tool"]["status"] == "success"
    assert seen["tool"]["data"].count("`````") == 2 * 2  # two hits
    assert "web/src/client.ts:16-25 fetchWithRetry\n" in seen["tool"]["data"]
    assert seen["tool_can_be_stopped"]


def test_null_does_no_harm(seen: dict[str, Any]) -> None:
    assert "nothing" in seen["null_item"]
