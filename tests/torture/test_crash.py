"""Processes killed (SIGKILL) at random moments of a random life: nothing lost, nothing twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesearch.settings import Settings
from tests.indexing.helpers import fake_settings
from tests.torture.lives import Life
from tests.torture.scale import SCALE, SECONDS, SEED

_KILLS = {"fake": max(10, 5 * SCALE)}
if SCALE > 1:  # the short form leaves that to tests/e2e
    _KILLS["real"] = SCALE // 3
_BETWEEN_LOOKS = 5  # kills before the index is compared with one from nothing

pytestmark = pytest.mark.timeout(SECONDS * 4)


@pytest.mark.parametrize(("encoder", "kills"), _KILLS.items())
def test_kills_lose_nothing(
    tmp_path: Path, private_home: Path, monkeypatch: pytest.MonkeyPatch, encoder: str, kills: int
) -> None:
    settings = Settings()
    if encoder == "fake":
        settings = fake_settings()
        (private_home / "config.toml").write_text('[encoder]\nname = "fake"\n')
    monkeypatch.setenv("CODESEARCH_TEST", "1")
    live_and_die(Life(tmp_path, settings, SEED), kills)


def live_and_die(life: Life, kills: int) -> None:
    looked = 0
    try:
        while life.deaths.total() < kills:
            life.round()
            if life.deaths.total() - looked >= _BETWEEN_LOOKS:
                looked = life.deaths.total()
                life.settle()
                print(looked, dict(life.deaths), flush=True)
        life.settle()
    except BaseException:
        print(f"seed {SEED}, after {dict(life.deaths)}, last steps {list(life.steps)}")
        raise
    finally:
        life.close()
