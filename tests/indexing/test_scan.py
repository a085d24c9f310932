"""Which files a root has: by git, and by walking."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from codesearch.errors import UsageError
from codesearch.indexing import scan as scan_module
from codesearch.indexing.git import GitUnavailableError
from codesearch.indexing.scan import kept_folders, rules_of, scan
from codesearch.settings import IndexingSettings
from codesearch.types import SkipReason

from .helpers import commit_all, git, make_fifo, write

SETTINGS = IndexingSettings()


def files(root: Path, settings: IndexingSettings = SETTINGS, only: list[str] | None = None):
    return set(scan(root, settings, only).files)


@pytest.fixture(params=["git", "walk"])
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


def prepare(root: Path, kind: str) -> None:
    if kind == "git":
        git(root, "init", "-q")


def test_nested_gitignores(root: Path, kind: str) -> None:
    prepare(root, kind)
    write(
        root,
        {
            ".gitignore": "*.log\n/out\n!keep.log\nfoo/*.tmp\n",
            "a.py": "",
            "a.log": "",
            "keep.log": "",
            "out/x.py": "",
            "sub/.gitignore": "*.gen.py\n!important.gen.py\n/only_here\n",
            "sub/x.gen.py": "",
            "sub/important.gen.py": "",
            "sub/only_here/y.py": "",
            "sub/deep/only_here/y.py": "",
            "sub/out/z.py": "",
            "foo/a.tmp": "",
            "foo/bar/a.tmp": "",
        },
    )
    assert files(root) == {
        ".gitignore",
        "a.py",
        "keep.log",
        "sub/.gitignore",
        "sub/important.gen.py",
        "sub/deep/only_here/y.py",
        "sub/out/z.py",
        "foo/bar/a.tmp",
    }
    assert scan(root, SETTINGS).used_git is (kind == "git")


def test_own_ignore_files_and_the_setting(root: Path, kind: str) -> None:
    prepare(root, kind)
    write(
        root,
        {
            ".codesearchignore": "docs/\n*.sql\n",
            "docs/a.md": "",
            "b.sql": "",
            "sub/.codesearchignore": "!b.sql\nsecretless.py\n",
            "sub/b.sql": "",
            "sub/secretless.py": "",
            "sub/c.py": "",
            "sub/d.js": "",
        },
    )
    found = files(root, IndexingSettings(ignore=("*.js",)))
    assert found == {".codesearchignore", "sub/.codesearchignore", "sub/b.sql", "sub/c.py"}


def test_folders_left_out_by_default(root: Path, kind: str) -> None:
    prepare(root, kind)
    write(
        root,
        {
            "node_modules/x/index.js": "",
            "pkg/__pycache__/a.py": "",
            ".venv/lib/site.py": "",
            "Cargo.toml": "",
            "target/debug/build.rs": "",
            "src/target/mod.rs": "",  # no build file beside it: an ordinary word
            "go/go.mod": "",
            "go/vendor/x/y.go": "",
            "go/cmd/build/main.go": "",
            "web/package.json": "",
            "web/dist/bundle.js": "",
            "web/build/out.js": "",
        },
    )
    assert files(root) == {
        "Cargo.toml",
        "src/target/mod.rs",
        "go/go.mod",
        "go/cmd/build/main.go",
        "web/package.json",
    }


def test_defaults_can_be_undone(root: Path, kind: str) -> None:
    prepare(root, kind)
    write(root, {"go.mod": "", "vendor/a.go": "", ".codesearchignore": "!vendor/\n"})
    assert "vendor/a.go" in files(root)


def test_only_one_folder_by_the_setting(root: Path, kind: str) -> None:
    prepare(root, kind)
    write(
        root,
        {
            "README.md": "",
            "docs/guide.md": "",
            "pkg/src/other.py": "",
            "src/a.py": "",
            "src/deep/b.py": "",
            "src/src/c.py": "",
            "src/.codesearchignore": "old/\n",
            "src/old/d.py": "",
            "src/node_modules/x/index.js": "",
            "src/.venv/lib/site.py": "",
            "src/gen/e.py": "",
        },
    )
    kept = {"src/.codesearchignore", "src/a.py", "src/deep/b.py", "src/src/c.py"}
    assert files(root, IndexingSettings(ignore=("/*", "!/src/"))) == kept | {"src/gen/e.py"}
    # Whatever their order, a rule speaks of what it names, and not of what lies in there.
    assert files(root, IndexingSettings(ignore=("gen/", "/*", "!/src/"))) == kept
    assert files(root, IndexingSettings(ignore=("/*", "!/src/", "!node_modules/"))) == {
        *kept,
        "src/gen/e.py",
        "src/node_modules/x/index.js",
    }
    rules = rules_of(root, IndexingSettings(ignore=("/*", "!/src/")))
    assert {folder for folder, _ in kept_folders(root, rules)} == {
        *("", "src", "src/deep", "src/gen", "src/src")
    }


def test_only_files_of_a_kind_by_the_setting(root: Path, kind: str) -> None:
    prepare(root, kind)
    write(root, {"a.py": "", "b.md": "", "x/c.py": "", "x/d.md": "", "x/y/e.py": "", "z/f.py": ""})
    for ignore in (("*", "!*/", "!*.py"), ("*", "!/x/", "!/x/**/", "!/z/", "!*.py")):
        assert files(root, IndexingSettings(ignore=ignore)) == {
            *("a.py", "x/c.py", "x/y/e.py", "z/f.py")
        }


def test_committed_build_output_is_source_but_committed_packages_are_not(root: Path) -> None:
    write(root, {"package.json": "", "dist/a.js": "", "node_modules/b/c.js": "", "go.mod": ""})
    write(root, {"vendor/d.go": ""})
    commit_all(root)
    assert files(root) == {"package.json", "dist/a.js", "go.mod"}


def test_tracked_files_are_kept_whatever_gitignore_says(root: Path) -> None:
    write(root, {"gen/a.py": "", "gen/b.py": ""})
    commit_all(root)
    write(root, {".gitignore": "gen/\n", "gen/c.py": ""})
    assert files(root) == {".gitignore", "gen/a.py", "gen/b.py"}
    rules = rules_of(root, SETTINGS)
    assert not rules.ignores_file("gen/a.py")
    assert rules.ignores_file("gen/c.py")


def test_secrets_are_counted_and_not_indexed(root: Path, kind: str) -> None:
    prepare(root, kind)
    secrets = [
        *(".env", ".env.production", "deploy/server.pem", "id_rsa", ".netrc", ".npmrc"),
        *("config/credentials.json", ".aws/config", "store.kdbx", "x.tfvars", "master.key"),
    ]
    write(root, dict.fromkeys([*secrets, ".env.example", "credentials.py", "environment.py"], "x"))
    found = scan(root, SETTINGS)
    assert {p for p, r in found.skipped.items() if r is SkipReason.SECRET} == set(secrets)
    assert set(found.files) == {".env.example", "credentials.py", "environment.py"}
    assert ".env" in files(root, IndexingSettings(include_secrets=True))


def test_links_and_special_files_are_never_opened(root: Path, kind: str, tmp_path: Path) -> None:
    prepare(root, kind)
    write(root, {"a.py": "x"})
    write(tmp_path, {"outside/b.py": "y"})
    (root / "same.py").symlink_to("a.py")
    (root / "away.py").symlink_to(tmp_path / "outside" / "b.py")
    (root / "folder").symlink_to(tmp_path / "outside")
    (root / "broken").symlink_to("nowhere")
    make_fifo(root / "pipe.py")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(root)  # the path of a socket has to be short
        try:
            listener.bind("socket.py")
        finally:
            os.chdir(here)
        found = scan(root, SETTINGS)
    assert set(found.files) == {"a.py"}
    assert found.skipped["away.py"] is found.skipped["folder"] is SkipReason.OUTSIDE
    assert found.skipped["same.py"] is found.skipped["broken"] is SkipReason.NOT_A_FILE
    if kind == "walk":  # git does not list them at all
        assert found.skipped["pipe.py"] is found.skipped["socket.py"] is SkipReason.NOT_A_FILE


def test_a_name_that_is_no_text_is_counted(root: Path, kind: str) -> None:
    prepare(root, kind)
    (root / os.fsdecode(b"caf\xe9.py")).write_text("x")
    write(root, {"café.py": "x", "with\nnewline.py": "x", " space.py": "x"})
    found = scan(root, SETTINGS)
    assert set(found.files) == {"café.py", "with\nnewline.py", " space.py"}
    assert list(found.skipped.values()) == [SkipReason.UNREADABLE]


def test_submodules_clones_and_worktrees(root: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    write(library, {"lib.py": "", ".gitignore": "*.o\n"})
    commit_all(library)
    write(root, {"main.py": ""})
    commit_all(root)
    allow = ("-c", "protocol.file.allow=always")
    git(root, *allow, "submodule", "--quiet", "add", str(library), "deps_/library")
    git(root, "clone", "-q", str(library), "clone")
    git(root, "worktree", "add", "-q", "-b", "other", "trees/other")
    write(root, {"deps_/library/new.py": "", "deps_/library/x.o": ""})
    expected = {"main.py", ".gitmodules", "clone/lib.py", "clone/.gitignore"}
    expected |= {"deps_/library/lib.py", "deps_/library/.gitignore", "deps_/library/new.py"}
    assert files(root) == expected
    assert files(root, only=["deps_/library/new.py", "clone"]) == {
        "deps_/library/new.py",
        "clone/lib.py",
        "clone/.gitignore",
    }
    assert files(root / "trees" / "other") == {"main.py"}


def test_a_folder_inside_a_repository(root: Path) -> None:
    write(root, {".gitignore": "*.log\n/ignored\n", "sub/a.py": "", "sub/b.log": ""})
    write(root, {"ignored/c.py": ""})
    commit_all(root)
    assert files(root / "sub") == {"a.py"}
    assert rules_of(root / "sub", SETTINGS).ignores_file("b.log")
    # Opened on purpose, although the repository around it ignores it.
    assert files(root / "ignored") == {"c.py"}


def test_only_some_paths(root: Path, kind: str) -> None:
    prepare(root, kind)
    write(root, {".gitignore": "*.log\n", "a.py": "", "b.log": "", "d/e.py": "", "d/f/g.py": ""})
    write(root, {"*.py": "", "h.py": ""})
    assert files(root, only=["a.py", "b.log", "gone.py"]) == {"a.py"}
    assert files(root, only=["d"]) == {"d/e.py", "d/f/g.py"}
    assert files(root, only=["*.py"]) == {"*.py"}
    assert files(root, only=["../x", "/etc/passwd", "d/../a.py", "", "."]) == set()


def test_a_path_through_a_link_is_not_the_roots(root: Path, tmp_path: Path) -> None:
    write(tmp_path, {"outside/b.py": ""})
    (root / "link").symlink_to(tmp_path / "outside")
    assert files(root, only=["link/b.py"]) == set()


@pytest.mark.parametrize("inside", [True, False])
def test_what_git_tracks_is_not_read_through_a_link(
    root: Path, tmp_path: Path, *, inside: bool
) -> None:
    write(root, {"pkg/deep/a.py": "", "b.py": ""})
    commit_all(root)
    elsewhere = root / "moved" if inside else tmp_path / "moved"
    (root / "pkg").rename(elsewhere)
    (root / "pkg").symlink_to(elsewhere)
    expected = {"b.py", "moved/deep/a.py"} if inside else {"b.py"}
    assert files(root) == expected
    assert files(root, only=["pkg", "pkg/deep/a.py", "moved", "b.py"]) == expected


def test_a_new_file_beside_committed_build_output(root: Path) -> None:
    write(root, {"setup.py": "", "build/kept.py": "", "sub/package.json": "", "sub/out/a.js": ""})
    commit_all(root)
    write(root, {"build/new.py": "", "sub/dist/left_out.js": ""})
    new = ["build/new.py", "sub/dist/left_out.js"]
    assert files(root) - {"setup.py", "sub/package.json"} == {"build/kept.py", "build/new.py"} | {
        "sub/out/a.js"
    }
    assert files(root, only=new) == {"build/new.py"}


def test_a_repository_inside_what_another_tracks(root: Path) -> None:
    write(root, {"pkg/sub/a.py": "", "b.py": ""})
    commit_all(root)
    git(root / "pkg", "init", "-q")
    write(root, {"pkg/c.py": "", "pkg/sub/d.py": "", "pkg/.gitignore": "a.py\n"})
    expected = {"b.py", "pkg/sub/a.py", "pkg/c.py", "pkg/sub/d.py", "pkg/.gitignore"}
    assert files(root) == expected
    assert files(root, only=["pkg"]) == expected - {"b.py"}
    assert files(root, only=sorted(expected)) == expected


def test_a_deleted_file_is_not_listed(root: Path) -> None:
    write(root, {"a.py": "", "b.py": ""})
    commit_all(root)
    (root / "a.py").unlink()
    assert files(root) == {"b.py"}


def test_git_that_fails_is_done_without(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(root, {".gitignore": "*.log\n", "a.py": "", "b.log": ""})
    commit_all(root)

    def distrust(_: Path) -> None:
        raise GitUnavailableError("dubious ownership")

    monkeypatch.setattr(scan_module, "require_work_tree", distrust)
    assert files(root) == {".gitignore", "a.py"}


def test_without_git_on_the_path(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(root, {".gitignore": "*.log\n", "a.py": "", "b.log": ""})
    commit_all(root)
    monkeypatch.setenv("PATH", "")
    found = scan(root, SETTINGS)
    assert set(found.files) == {".gitignore", "a.py"}
    assert not found.used_git


def test_the_repositorys_configuration_runs_nothing(root: Path, tmp_path: Path) -> None:
    write(root, {"a.py": "x"})
    commit_all(root)
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(trap.stat().st_mode | stat.S_IXUSR)
    git(root, "config", "core.fsmonitor", str(trap))
    git(root, "config", "filter.evil.clean", str(trap))
    git(root, "config", "core.pager", str(trap))
    write(root, {".gitattributes": "*.py filter=evil\n", "a.py": "changed"})
    index = (root / ".git" / "index").read_bytes()
    assert files(root) == {".gitattributes", "a.py"}
    assert not (tmp_path / "sprung").exists()
    assert (root / ".git" / "index").read_bytes() == index


def test_a_hooks_environment_does_not_mislead(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root, {"a.py": ""})
    commit_all(root)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    assert files(root) == {"a.py"}


def test_a_root_that_is_gone_is_not_an_empty_one(root: Path) -> None:
    with pytest.raises(UsageError):
        scan(root / "gone", SETTINGS)


def test_rules_agree_with_git(root: Path) -> None:
    write(
        root,
        {
            ".gitignore": "*.a\n/b/*\n!/b/c\n**/d/\ne/**/f\n\\#x\n g \nh?.txt\n[ij].py\n"
            "/l/*\n!/l/m/\nn/\n!n/**\n*.o\n!/p/\nt/**\n!t/u/\nv\n!/w/v\n",
            "l/1.py": "",
            "l/m/2.py": "",
            "l/m/l/3.py": "",
            "l/m/4.o": "",
            "n/5.py": "",
            "p/6.o": "",
            "p/7.py": "",
            "t/8.py": "",
            "t/u/9.py": "",
            "v/1.py": "",
            "w/v/2.py": "",
            "w/v/v/3.py": "",
            "x.a": "",
            "b/n.py": "",
            "b/c/o.py": "",
            "q/d/r.py": "",
            "d": "",
            "e/1/2/f": "",
            "e/f": "",
            "#x": "",
            "h1.txt": "",
            "h12.txt": "",
            "i.py": "",
            "k.py": "",
        },
    )
    walked = files(root)
    git(root, "init", "-q")
    assert files(root) == walked
    rules = rules_of(root, SETTINGS)
    every = {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()}
    every = {path for path in every if not path.startswith(".git/")}
    assert {path for path in every if not rules.ignores_file(path)} == walked


def test_lines_that_are_no_patterns_say_nothing(root: Path, kind: str) -> None:
    prepare(root, kind)
    write(root, {".gitignore": "!\n\\\n[z-a]\n*.log\n", "a.log": "", "b.py": ""})
    assert files(root, IndexingSettings(ignore=("!", "[z-a]", "c.*"))) == {".gitignore", "b.py"}


def test_kept_folders(root: Path) -> None:
    write(root, {".gitignore": "logs/\n", "a/b/c.py": "", "logs/x": "", "node_modules/y/z.js": ""})
    (root / "empty").mkdir()
    found = dict(kept_folders(root, rules_of(root, SETTINGS)))
    assert set(found) == {"", "a", "a/b", "empty"}
    assert set(found[""]) == {"logs", "node_modules"}
