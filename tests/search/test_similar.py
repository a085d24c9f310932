from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from codesearch.errors import UsageError
from codesearch.languages import parse
from codesearch.search import Overlay, Searcher, Stages
from codesearch.search.origin import unit_at
from codesearch.types import Hit, Kind, Query, Target
from tests.search.conftest import FAKE, FILES, build, write

MakeSearcher = Callable[..., Searcher]
CLIENT = "net/client.py"


def line_of(path: str, text: str) -> int:
    return FILES[path].splitlines().index(text)


def names(hits: tuple[Hit, ...]) -> list[str]:
    return [hit.qualified_name for hit in hits]


def test_a_place_finds_its_like_in_another_language(searcher: Searcher) -> None:
    line = line_of(CLIENT, "def parse_config(text):") + 2
    hits = searcher.similar(Target(CLIENT, line)).hits
    assert names(hits)[0] == "parseConfig"
    assert hits[0].language == "javascript"


def test_the_place_itself_and_what_overlaps_it_is_left_out(searcher: Searcher) -> None:
    line = line_of(CLIENT, "        pause = 0.1")
    found = [(hit.path, hit.qualified_name) for hit in searcher.similar(Target(CLIENT, line)).hits]
    assert (CLIENT, "HttpClient.send") not in found
    assert (CLIENT, "HttpClient") not in found
    assert (CLIENT, "Mailer.send") in found
    assert ("vendor/client.py", "HttpClient.send") in found


def test_a_class_is_found_from_its_header(searcher: Searcher) -> None:
    target = Target(CLIENT, line_of(CLIENT, "class HttpClient:"))
    best = searcher.similar(target).hits[0]
    assert (best.path, best.kind) == ("vendor/client.py", Kind.CLASS)


def test_a_selection_of_a_whole_unit_is_that_unit(searcher: Searcher) -> None:
    first = line_of(CLIENT, "def parse_config(text):")
    place = searcher.similar(Target(CLIENT, first))
    selection = searcher.similar(Target(CLIENT, first, first + 3))
    assert names(selection.hits) == names(place.hits)


def test_a_selection_leaves_out_what_it_touches(searcher: Searcher) -> None:
    first = line_of(CLIENT, "        pause = 0.1")
    found = [
        (hit.path, hit.qualified_name)
        for hit in searcher.similar(Target(CLIENT, first, first + 3)).hits
    ]
    assert found
    assert (CLIENT, "HttpClient.send") not in found


def test_a_snippet_from_nowhere_excludes_nothing(searcher: Searcher) -> None:
    text = "def split_pairs(text):\n    return [line.split('=', 1) for line in text.splitlines()]\n"
    hits = searcher.similar(Target(text=text, language="python")).hits
    assert "parse_config" in names(hits)[:2]


def test_copies_come_first_whatever_their_indentation(
    repository: Path, searcher_of: MakeSearcher
) -> None:
    copy = "class Box:\n    def take(self, b):\n        if b:\n            return b.tokens\n"
    write(repository, "far/away/from/here.py", copy)
    build(repository)
    text = "def take(self, b):\n    if b:\n        return b.tokens\n"
    best = searcher_of(repository).similar(Target(text=text, language="python")).hits[0]
    assert best.path == "far/away/from/here.py"
    assert best.explanation.parts["copy"] == 1.0
    assert best.score == pytest.approx(sum(best.explanation.parts.values()))


RENAMED = """\
def resume(letter, rounds=5):
    gap = 0.1
    for _ in range(rounds):
        try:
            return self.transport.deliver(letter)
        except ConnectionError:
            time.sleep(gap)
            gap *= 2
    raise ConnectionError(self.host)
"""


def test_the_parts_add_up_to_the_score(searcher: Searcher) -> None:
    targets = [Target(CLIENT, line_of(CLIENT, "        pause = 0.1")), Target(text=RENAMED)]
    for target in targets:
        hits = searcher.similar(target).hits
        assert hits
        for hit in hits:
            assert hit.score == pytest.approx(sum(hit.explanation.parts.values()))
            assert hit.explanation.views
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_other_names_do_not_hide_the_original(searcher: Searcher) -> None:
    best = searcher.similar(Target(text=RENAMED, language="python")).hits[0]
    assert (best.path, best.qualified_name) == (CLIENT, "HttpClient.send")
    assert best.explanation.parts["shape"] > 0.2


def test_a_function_inside_a_function_does_not_stand_for_it(
    repository: Path, searcher_of: MakeSearcher
) -> None:
    inner = "    def wrapper(*args):\n        return call(args)\n"
    outer = "def traced(call):\n    log.begin(call)\n{0}    log.end(call)\n    return wrapper\n"
    write(repository, "trace.py", outer.format(inner))
    write(repository, "other.py", inner.replace("    ", "", 1).replace("        ", "    "))
    build(repository)
    snippet = outer.format(inner).replace("begin", "start")
    hits = searcher_of(repository).similar(Target(text=snippet, language="python")).hits
    assert hits[0].qualified_name == "traced"
    assert hits[0].explanation.parts["name"] > 0


def test_the_same_method_of_another_class(repository: Path, searcher_of: MakeSearcher) -> None:
    body = "        for one in self.rows:\n            target.append(one.{0})\n"
    for kind in ("alpha", "beta", "gamma"):
        methods = "".join(
            f"    def {name}(self, target):\n{body.format(word)}\n"
            for name, word in (("collect", kind), ("gather", kind + "s"), ("pick", kind + "_all"))
        )
        write(repository, f"kinds/{kind}.py", f"class {kind.title()}(Base):\n{methods}")
    build(repository)
    hits = searcher_of(repository).similar(Target("kinds/alpha.py", 1)).hits
    assert {hit.qualified_name for hit in hits[:2]} == {"Beta.collect", "Gamma.collect"}
    assert hits[0].explanation.parts["name"] > 0
    again = [hit for hit in hits if hit.path == "kinds/alpha.py"]
    assert again
    assert all(hit.explanation.parts["same file"] < 0 for hit in again)


def test_shapes_are_compared_within_a_language(searcher: Searcher) -> None:
    line = line_of(CLIENT, "def parse_config(text):")
    for hit in searcher.similar(Target(CLIENT, line), Query("", limit=50)).hits:
        assert ("shape" in hit.explanation.parts) == (hit.language in {"python", "text"})


def test_copies_in_one_file_all_come_first(repository: Path, searcher_of: MakeSearcher) -> None:
    one = "def shuffle_{0}(deck):\n    deck.sort(key=order_of)\n    return deck[::-1]\n\n\n"
    copy = "def deal(deck):\n    deck.sort(key=order_of)\n    return deck[::-1]\n\n\n"
    write(repository, "a.py", copy)
    write(repository, "b.py", "class A:\n    x = 1\n\n\n" + copy + one.format("near") + copy)
    build(repository)
    hits = searcher_of(repository).similar(Target("a.py", 0)).hits
    assert [hit.name for hit in hits[:3]] == ["deal", "deal", "shuffle_near"]
    assert [hit.score > 1 for hit in hits[:3]] == [True, True, False]


def test_each_view_can_be_left_out(repository: Path, searcher: Searcher) -> None:
    target = Target(CLIENT, line_of(CLIENT, "        pause = 0.1"))
    nothing = replace(Stages(), vectors=False, words=False, names=False, shape=False, once=False)
    for view in ("vectors", "words", "names"):
        stages = replace(nothing, **{view: True})
        alone = Searcher(repository, FAKE, searcher.encoder, stages=stages)
        hits = alone.similar(target).hits
        alone.close()
        assert hits, view
        assert {part for hit in hits for part in hit.explanation.parts} <= {
            view.removesuffix("s") if view != "words" else view,
            "window",
            "copy",
        }


def test_too_much_to_compare_is_an_error(searcher: Searcher) -> None:
    with pytest.raises(UsageError, match="too many to compare"):
        searcher.similar(Target(text="x = 1\n" * 20_000, language="python"))
    assert searcher.similar(Target(text="x = 1\n" * 5_000, language="python")).hits


def test_filters_and_limit_come_from_the_query(searcher: Searcher) -> None:
    target = Target(CLIENT, line_of(CLIENT, "def parse_config(text):"))
    hits = searcher.similar(target, Query("lang:go", limit=1)).hits
    assert [hit.language for hit in hits] == ["go"]


def test_a_long_unit_is_compared_by_its_parts(repository: Path, searcher_of: MakeSearcher) -> None:
    padding = "".join(f"    step_{number} = prepare(stage_{number})\n" for number in range(120))
    kernel = "".join(f"    zebra_{word} = quagga(okapi_{word})\n" for word in "abcdefgh" * 9)
    write(repository, "long.py", f"def long(stage):\n{padding}{kernel}")
    write(repository, "short.py", f"def short(stage):\n{kernel}")
    build(repository)
    searcher = searcher_of(repository)
    assert names(searcher.similar(Target("short.py", 1)).hits)[0] == "long"
    assert names(searcher.similar(Target("long.py", 1)).hits)[0] == "short"


def test_a_changed_file_is_read_as_it_is_now(repository: Path, searcher: Searcher) -> None:
    body = FILES["limiter/bucket.go"].partition("// Take")[2]
    write(repository, "limiter/bucket.go", "package limiter\n\n// Take" + body)
    hits = searcher.similar(Target("limiter/bucket.go", 5)).hits
    assert hits
    assert "Take" not in [hit.name for hit in hits if hit.path == "limiter/bucket.go"][:1]


def test_a_place_in_an_unsaved_buffer(searcher: Searcher) -> None:
    text = FILES["web/src/config.js"].partition("export const")[0].replace("page", "form")
    overlay = Overlay("web/src/new.js", text)
    hits = searcher.similar(Target("web/src/new.js", 3), overlays=[overlay]).hits
    assert hits[0].name == "parseConfig"
    assert hits[0].path == "web/src/config.js"


def test_without_vectors_shared_words_decide(repository: Path, searcher_of: MakeSearcher) -> None:
    build(repository, encode=False)
    line = line_of(CLIENT, "def parse_config(text):")
    result = searcher_of(repository, loaded=False).similar(Target(CLIENT, line))
    assert result.hits[0].name == "parseConfig"
    assert result.hits[0].explanation.views == ("words",)
    assert result.notes


def test_a_column_chooses_between_functions_on_one_line() -> None:
    line = "const é = 1; function left(a) { return a; }   function right(b) { return b; }"
    source = f"// two\n  {line}  \n".encode()
    units = parse("two.js", source).units

    def at(column: int | None) -> str:
        unit = unit_at(units, source, 1, column)
        assert unit is not None
        return unit.name

    row = source.splitlines()[1]
    assert at(row.index(b"return a")) == "left"
    assert at(row.index(b"function right")) == "right"
    assert at(len(row)) == at(10**9) == "right"
    assert at(0) == at(None) == "left"
    unit = unit_at(units, source, 900, 5)
    assert unit is not None


def test_a_column_in_the_indentation_is_the_code_behind_it() -> None:
    source = FILES[CLIENT].encode()
    line = line_of(CLIENT, "    def send(self, message):")
    unit = unit_at(parse(CLIENT, source).units, source, line, 0)
    assert unit is not None
    assert unit.qualified_name == "Mailer.send"


def test_a_place_with_a_column(repository: Path, searcher_of: MakeSearcher) -> None:
    body = FILES["web/src/config.js"].partition("export function ")[2].partition("\n\n")[0]
    one = "function " + " ".join(body.split()).replace("parseConfig", "parsePage")
    write(repository, "min.js", f"function shrug() {{ return null; }} {one}\n")
    build(repository)
    target = Target("min.js", 0, column=60)
    assert names(searcher_of(repository).similar(target).hits)[0] == "parseConfig"


def test_a_blank_line_takes_what_is_nearest(searcher: Searcher) -> None:
    blank = line_of(CLIENT, "def parse_config(text):") - 1
    assert names(searcher.similar(Target(CLIENT, blank)).hits)[0] == "parseConfig"


@pytest.mark.parametrize(
    "target",
    [
        Target("gone.py"),
        Target("../outside.py"),
        Target("empty.py"),
        Target(text="  \n"),
        Target(),
        Target(CLIENT, 9000, 9001),
    ],
)
def test_nothing_at_the_target_is_an_error(
    repository: Path, searcher: Searcher, target: Target
) -> None:
    write(repository, "empty.py", "")
    with pytest.raises(UsageError):
        searcher.similar(target)
