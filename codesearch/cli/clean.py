"""`codesearch clean`: give the disk back."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import click

from codesearch.cli.names import complete_folders
from codesearch.cli.roots import exact_root, scope_of
from codesearch.cli.status import indexed_roots
from codesearch.errors import StoreBusyError
from codesearch.indexing import leader_pid
from codesearch.paths import (
    all_index_homes,
    cache_home,
    embedding_cache_files,
    evaluation_home,
    index_home,
    logs_home,
)


@click.command("clean")
@click.argument("path", required=False, shell_complete=complete_folders)
@click.option("--unused", is_flag=True, help="Indexes of folders that are gone.")
@click.option("--embeddings", is_flag=True, help="The embedding cache shared by all repositories.")
@click.option("--all", "everything", is_flag=True, help="Everything codesearch keeps on disk.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
def command(path: str | None, unused: bool, embeddings: bool, everything: bool, yes: bool) -> int:
    """Delete the index of PATH (default: the repository around the current folder).

    Indexes hold nothing that cannot be made again. Embeddings stay unless named, so that
    a repository indexed anew costs little.
    """
    targets = _targets(path, unused=unused, embeddings=embeddings, everything=everything)
    targets = [target for target in targets if target.exists()]
    if not targets:
        click.echo("nothing to delete")
        return 0
    for target in targets:
        click.echo(f"{target}  {_size(target) / 1e6:.1f} MB")
    if not yes:
        click.confirm("delete?", abort=True, err=True)
    for target in targets:
        _delete(target)
    if everything:
        _leave_no_empty_folder()
    return 0


def _targets(path: str | None, *, unused: bool, embeddings: bool, everything: bool) -> list[Path]:
    if everything:
        _refuse_if_busy(indexed_roots())
        return [*all_index_homes(), *embedding_cache_files(), evaluation_home(), logs_home()]
    roots = [root for root in indexed_roots() if not root.is_dir()] if unused else []
    if not unused and not embeddings:
        roots = [exact_root(path) if path else scope_of(None).root]
    _refuse_if_busy(roots)
    files = embedding_cache_files() if embeddings else []
    return [index_home(root) for root in roots] + files


def _refuse_if_busy(roots: list[Path]) -> None:
    for root in roots:
        pid = leader_pid(root)
        if pid is not None:
            raise StoreBusyError(
                f"process {pid} is using the index of {root}",
                "Close the editor or command that uses it, then try again.",
            )


def _size(target: Path) -> int:
    files = target.rglob("*") if target.is_dir() else [target]
    return sum(file.stat().st_size for file in files if file.is_file())


def _delete(target: Path) -> None:
    if target.is_dir():
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)


def _leave_no_empty_folder() -> None:
    """Remove our folders when nothing is left in them: the cache's may hold other things."""
    for folder in (cache_home() / "indexes", cache_home()):
        with contextlib.suppress(OSError):  # not empty, or somebody's current folder
            folder.rmdir()
