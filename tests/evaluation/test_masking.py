"""Documentation goes, everything else stays where it is: in every language."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesearch.evaluation.masking import blanked
from codesearch.languages import documentation_ranges, parse
from codesearch.types import Kind, Unit
from codesearch.words import split_words

FIXTURES = Path(__file__).parents[1] / "languages" / "fixtures"
SAMPLES = sorted(
    file for file in FIXTURES.rglob("*") if file.is_file() and file.suffix not in (".txt", ".json")
)


def named(path: str, source: bytes) -> dict[str, Unit]:
    return {one.id: one for one in parse(path, source).units if one.kind is not Kind.WINDOW}


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: str(file.relative_to(FIXTURES)))
def test_documentation_is_masked_and_nothing_moves(file: Path) -> None:
    source = file.read_bytes()
    before = named(file.name, source)
    ranges = documentation_ranges(file.name, source)
    masked = blanked(source, [one for of_unit in ranges.values() for one in of_unit])
    after = named(file.name, masked)
    assert after.keys() == before.keys()
    documented = [one for one in before.values() if split_words(one.documentation)]
    assert {one.id for one in documented} <= ranges.keys()
    assert [one.qualified_name for one in after.values() if split_words(one.documentation)] == []
    assert [one.name for one in after.values()] == [one.name for one in before.values()]


@pytest.mark.parametrize(
    ("source", "masked"),
    [
        ('r"""Say äh."""', 'r"""       ."""'),
        ('~S"Say it."', '~S"      ."'),
        ("=begin\nSay it.\n=end", "=begin\n      .\n=end"),
        ("/** Say it. */", "/**       . */"),
    ],
)
def test_what_makes_it_documentation_stays(source: str, masked: str) -> None:
    data = source.encode()
    assert blanked(data, [(0, len(data))]) == masked.encode()
