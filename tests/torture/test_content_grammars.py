"""Every grammar with mutated real files: no crash, no hang, no memory above the cap."""

from __future__ import annotations

import os

import pytest

from codesearch.helper import Helper, HelperDiedError
from codesearch.languages import LANGUAGES
from tests.torture.mutants import Tried, try_them
from tests.torture.scale import SCALE, SECONDS, SEED

_MUTANTS = 16 * SCALE  # of each language
_AT_ONCE = 16
_LONGEST = 900.0  # for so many, on a busy machine; each ends itself after five seconds or ten

pytestmark = pytest.mark.timeout(SECONDS)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_mutants_of_every_language(language: str) -> None:
    helper = Helper(_LONGEST)
    first = SEED * 1_000_000
    try:
        tried = [
            _tried(helper, language, range(at, at + _AT_ONCE))
            for at in range(first, first + _MUTANTS, _AT_ONCE)
        ]
    finally:
        helper.close()
    worst = max(tried, key=lambda one: one.longest)
    print(
        f"{os.linesep}{language}: {sum(one.count for one in tried)} mutants,"
        f" {worst.longest:.1f} s at most, {max(one.peak_bytes for one in tried) >> 20} MB"
    )


def _tried(helper: Helper, language: str, numbers: range) -> Tried:
    """What became of some mutants; the one that ends the process is named."""
    try:
        return helper.call(try_them, language, numbers)
    except HelperDiedError:
        for number in numbers:
            try:
                helper.call(try_them, language, range(number, number + 1))
            except HelperDiedError as error:
                raise AssertionError(f"{language} mutant {number}: {error}") from error
        raise
