from __future__ import annotations

import pytest

from codesearch.errors import UsageError
from codesearch.store import Filters
from codesearch.store.filters import (
    from_stored,
    glob_to_regex,
    matching_paths,
    passes_path,
    to_stored,
)
from tests.store.units import indexed, open_index, unit

PATHS = (
    "setup.py",
    "src/app.py",
    "src/app.pyi",
    "src/api/v1/views.py",
    "src/api/v2/views.ts",
    "src/api/v2/views.tsx",
    "tests/test_app.py",
    "src/tests/test_api.py",
    "src/mytests.py",
    "docs/[draft] {x}.md",
    "docs/it's a+b.md",
    "docs/100%_x.md",
    "docs/new\nline.md",
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory):
    patch = pytest.MonkeyPatch()
    patch.setenv("CODESEARCH_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
    index = open_index(tmp_path_factory.mktemp("root"), writable=True)
    index.replace_files({path: [indexed(unit(path))] for path in PATHS})
    yield index
    patch.undo()


@pytest.mark.parametrize(
    ("glob", "expected"),
    [
        ("tests", ["tests/test_app.py", "src/tests/test_api.py"]),
        ("tests/", ["tests/test_app.py", "src/tests/test_api.py"]),
        ("/tests", ["tests/test_app.py"]),
        ("setup.py", ["setup.py"]),
        ("./setup.py", ["setup.py"]),
        ("app.py/", []),
        ("*.pyi", ["src/app.pyi"]),
        ("src/*.py", ["src/app.py", "src/mytests.py"]),
        ("/*.py", ["setup.py"]),
        ("src/api", ["src/api/v1/views.py", "src/api/v2/views.ts", "src/api/v2/views.tsx"]),
        ("src/**/views.*", ["src/api/v1/views.py", "src/api/v2/views.ts", "src/api/v2/views.tsx"]),
        ("**/app.py", ["src/app.py"]),
        ("**/*.ts", ["src/api/v2/views.ts"]),
        ("src/**", [path for path in PATHS if path.startswith("src/")]),
        ("src/ap?.py", ["src/app.py"]),
        ("src?app.py", []),
        ("v[12]", ["src/api/v1/views.py", "src/api/v2/views.ts", "src/api/v2/views.tsx"]),
        ("v[!1]", ["src/api/v2/views.ts", "src/api/v2/views.tsx"]),
        ("v[^2-9]", ["src/api/v1/views.py"]),
        ("v[3-1]", ["src/api/v1/views.py"]),
        ("src[!x]app.py", []),
        ("*.{ts,tsx}", ["src/api/v2/views.ts", "src/api/v2/views.tsx"]),
        ("{docs,tests}/**/*x.md", ["docs/100%_x.md"]),
        ("docs/\\[draft\\] \\{x\\}.md", ["docs/[draft] {x}.md"]),
        ("docs/[[]draft[]] {x*", ["docs/[draft] {x}.md"]),
        ("*draft]*", ["docs/[draft] {x}.md"]),
        ("it's a+b.md", ["docs/it's a+b.md"]),
        ("100%_x.md", ["docs/100%_x.md"]),
        ("new?line.md", ["docs/new\nline.md"]),
        ("docs/new*", ["docs/new\nline.md"]),
        ("SETUP.PY", []),
        *((root, list(PATHS)) for root in ("", ".", "./", "/", "**", "*")),
        ("')) OR (1=1", []),
        ("[", []),
        ("{", []),
        ("a,b}", []),
    ],
)
def test_globs(index, glob: str, expected: list[str]):
    found = index.find_names("f", 50, Filters(paths=(glob,)))
    assert sorted(one.unit.path for one in found) == sorted(expected)
    rest = index.find_names("f", 50, Filters(exclude_paths=(glob,)))
    assert len(found) + len(rest) == len(PATHS)


def test_any_of_several_globs_may_match(index):
    where = Filters(paths=("setup.py", "docs"), exclude_paths=("*.md", "nothing"))
    assert [one.unit.path for one in index.find_names("f", 50, where)] == ["setup.py"]


def test_a_hostile_glob_is_answered(index):
    assert index.find_names("f", 5, Filters(paths=("*a" * 400 + "b",))) == []
    assert index.find_names("f", 5, Filters(paths=("{a,b}" * 150,))) == []
    with pytest.raises(UsageError, match="pattern"):
        glob_to_regex("x" * 2000)


def test_a_glob_that_would_be_matched_for_ever_is_refused():
    path, where = f"{'a' * 100}/b", Filters(paths=("{a,aa,aaa}" * 20 + "b",))
    with pytest.raises(UsageError, match="too long to match"):
        passes_path(path, where)
    with pytest.raises(UsageError, match="too long to match"):
        matching_paths([path], where.paths)


def test_any_text_survives_being_stored():
    for text in ("plain", "caf\udce9", "\ud800 alone", "😀", "\0dc80"[1:]):
        assert from_stored(to_stored(text)) == text
    assert from_stored(to_stored("a\0dc80")) == "a dc80"
    to_stored("\udcff\ud812").encode("utf-8")
