from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache
from pathlib import Path

from codesearch.languages import parse
from codesearch.search import Overlay, Searcher
from codesearch.search.copies import share_in_order, suspects
from codesearch.search.traits import tokens_of
from codesearch.types import Hit, Target
from tests.search.conftest import build, write

MakeSearcher = Callable[..., Searcher]

FETCH = '''
def fetch_orders(client, since, limit):
    """Orders that came in, oldest first."""
    found = []
    page = client.first_page(since)
    while page is not None:
        for row in page.rows:
            if row.status == "open" and len(found) < limit:
                found.append(row.decode("utf-8"))
        if len(found) >= limit:
            break
        page = client.next_page(page.cursor, retries=3)
    return sorted(found, key=lambda row: row.created)
'''
# Other names, another string and number, a line more.
COPY = """
def load_tickets(api, start, most):
    tickets = []
    batch = api.first_page(start)
    while batch is not None:
        for entry in batch.rows:
            if entry.status == "new" and len(tickets) < most:
                tickets.append(entry.decode("latin-1"))
        if len(tickets) >= most:
            break
        batch = api.next_page(batch.cursor, retries=9)
        api.log(batch)
    return sorted(tickets, key=lambda entry: entry.created)
"""
GETTERS = """
class Order:
    def number(self):
        return self._number

    def status(self):
        return self._status
"""


def copies(searcher: Searcher, path: str, least: float = 0.85, **more: object) -> tuple[Hit, ...]:
    target = Target(path, 1, column=4)
    return searcher.similar(target, copies=least, **more).hits  # type: ignore[arg-type]


def built(root: Path, make: MakeSearcher, files: dict[str, str]) -> Searcher:
    for path, text in files.items():
        write(root, path, text)
    build(root)
    return make(root)


def test_a_copy_under_other_names_is_found_with_its_share(
    tmp_path: Path, searcher_of: MakeSearcher
) -> None:
    files = {"orders.py": FETCH, "tickets.py": COPY, "order.py": GETTERS}
    searcher = built(tmp_path / "shop", searcher_of, files)
    (hit,) = copies(searcher, "orders.py")
    assert (hit.path, hit.name) == ("tickets.py", "load_tickets")
    assert 0.9 < hit.score < 1.0
    assert hit.explanation.parts == {"copy": hit.score}
    assert copies(searcher, "orders.py", least=0.99) == ()


def test_what_is_short_or_a_test_is_no_copy(tmp_path: Path, searcher_of: MakeSearcher) -> None:
    files = {"orders.py": FETCH, "tests/test_orders.py": FETCH, "a.py": GETTERS, "b.py": GETTERS}
    searcher = built(tmp_path / "shop", searcher_of, files)
    assert copies(searcher, "orders.py") == ()
    assert copies(searcher, "a.py", least=0.5) == ()


def test_buffers_are_compared_as_they_are_on_the_screen(
    tmp_path: Path, searcher_of: MakeSearcher
) -> None:
    searcher = built(tmp_path / "shop", searcher_of, {"orders.py": FETCH, "b.py": GETTERS})
    assert copies(searcher, "orders.py") == ()
    (hit,) = copies(searcher, "orders.py", overlays=[Overlay("b.py", COPY)])
    assert hit.path == "b.py"


def test_only_long_functions_outside_tests_are_suspects() -> None:
    source = (FETCH + GETTERS + COPY).encode()
    units = parse("shop.py", source).units
    assert [unit.name for unit in suspects("shop.py", units, source)] == [
        "fetch_orders",
        "load_tickets",
    ]
    assert suspects("tests/shop.py", units, source) == []


def test_names_literals_and_comments_are_the_authors_own() -> None:
    assert tokens_of("# why\nx = call(a, 1)\n") == tokens_of("y = call(b, 22)\n")
    assert tokens_of("x = call(a)") != tokens_of("x = other(a)")


def test_the_share_is_that_of_the_longest_common_subsequence() -> None:
    dice = random.Random(5)
    for _ in range(100):
        one = dice.choices("abcd", k=dice.randint(0, 80))
        other = dice.choices("abcd", k=dice.randint(1, 80))
        expected = 2 * slow_common(tuple(one), tuple(other)) / (len(one) + len(other))
        assert share_in_order(one, other) == expected
    assert share_in_order("abcdefgh", "abcdefgh") == 1.0
    assert share_in_order("ab", "abcdefgh", least=0.5) == 0.0
    assert share_in_order("", "") == 0.0


def slow_common(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    @cache
    def common(i: int, j: int) -> int:
        if i == len(one) or j == len(other):
            return 0
        if one[i] == other[j]:
            return 1 + common(i + 1, j + 1)
        return max(common(i + 1, j), common(i, j + 1))

    return common(0, 0)
