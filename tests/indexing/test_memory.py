"""A worker that holds more than it may makes place for another, which goes on where it stopped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from codesearch.indexing.crowd import Crowd
from codesearch.indexing.encoding import GROUP_TEXTS
from codesearch.indexing.memory import Budget, OverBudgetError, helpers_within
from codesearch.indexing.protocol import LOG_FILE
from codesearch.paths import index_home
from codesearch.settings import IndexingSettings

from .helpers import fake_settings, index_once, write

LITTLE = IndexingSettings(memory_mb=100)  # less than any worker holds


def test_a_repository_is_encoded_once_by_workers_that_may_hold_little(root: Path) -> None:
    each = 100
    count = 21 * GROUP_TEXTS // each + 5  # a budget is looked at from the twentieth group on
    write(root, {f"pkg/m{n}.py": functions(n, each) for n in range(count)})
    settings = fake_settings()
    indexing = replace(settings.indexing, memory_mb=LITTLE.memory_mb)
    status = index_once(root, replace(settings, indexing=indexing))
    assert status.complete
    assert status.encoded == status.units == count * each
    assert status.texts_encoded == count * each
    assert status.last_error is None
    assert "another worker goes on" in (index_home(root) / LOG_FILE).read_text()


def test_a_budget_is_asked_for_after_some_work_only() -> None:
    budget = Budget(IndexingSettings(memory_mb=1))  # as no settings can say
    for _ in range(19):
        budget.check()
    with pytest.raises(OverBudgetError, match="memory_mb"):
        budget.check()
    ample = Budget(IndexingSettings(memory_mb=1_000_000))
    for _ in range(50):
        ample.check()


def test_helpers_are_planned_by_the_budget(root: Path) -> None:
    assert helpers_within(IndexingSettings(), 6) == 6
    assert helpers_within(IndexingSettings(memory_mb=700), 6) == 2
    assert helpers_within(LITTLE, 6) == 1
    crowd = Crowd(root, LITTLE)
    crowd.close()


def functions(number: int, count: int) -> str:
    return "\n".join(
        f"def find_{number}_{n}(rows):\n    return rows[{number}] + {n}\n" for n in range(count)
    )
