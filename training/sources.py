"""Files of packages: archives that a registry's client brought, and bare git mirrors."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import tarfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from training.exclusions import is_excluded, is_foreign, is_test
from training.licences import licence_of

_LARGEST = 400_000  # bytes of a file; larger ones are tables or generated
_LICENCE_FILE = re.compile(r"(licen[cs]e|copying|unlicense)[^/]*", re.IGNORECASE)
_METADATA_FILE = re.compile(r"(metadata|pkg-info|package\.json)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Package:
    """One package as it lies on this machine."""

    registry: str  # "pypi", "npm" or "git"
    name: str
    version: str  # a commit for git
    licence: str  # empty: none that is known to be permissive
    paths: tuple[str, ...]
    tests: tuple[str, ...]  # of its own code
    read: Callable[[str], bytes]


def packages(downloads: Path, mirrors: Path) -> Iterator[tuple[str, str, Path]]:
    """Registry, name and place of everything that may be used, by name."""
    for path in sorted((downloads / "pypi").glob("*")):
        name = path.name.split("-")[0].lower().replace("_", "-")
        if path.suffix in {".whl", ".gz", ".zip"} and not is_excluded(name):
            yield "pypi", name, path
    for path in sorted((downloads / "npm").glob("*.tgz")):
        name = re.sub(r"-\d.*", "", path.name)
        if not is_excluded(name):
            yield "npm", name, path
    for path in sorted(mirrors.glob("*/repo")):
        name = path.parent.name.replace("+", "/")
        if not is_excluded(name):
            yield "git", name, path


def count_in_each(
    count: Callable[[str, str, Path, Path], Counter[str]],
    found: Iterable[tuple[str, str, Path]],
    data: Path,
    jobs: int,
) -> Counter[str]:
    """The sum of what `count` finds in each of `packages`, and writes into `data`."""
    counts: Counter[str] = Counter()
    with ProcessPoolExecutor(jobs) as pool:
        for done in [pool.submit(count, *package, data) for package in found]:
            counts.update(done.result())
    return counts


def open_package(registry: str, name: str, place: Path) -> Package:
    """List the files of the package in `place` and find its version and licence."""
    if registry == "git":
        version = _git(place, "rev-parse", "HEAD").decode().strip()
        listed = _git(place, "ls-tree", "-r", "--name-only", "-z", "HEAD").decode(
            "utf-8", "replace"
        )
        paths, read = listed.split("\0"), _git_reader(place)
    else:
        version = place.name.removesuffix(".whl").removesuffix(".tgz").removesuffix(".tar.gz")
        paths, read = _archive(place)
    shuffled = [path for path in _in_hash_order(paths) if path]
    return Package(
        registry=registry,
        name=name,
        version=version,
        licence=_licence(paths, read),
        paths=tuple(path for path in shuffled if not is_foreign(path)),
        tests=tuple(filter(is_test, shuffled)),
        read=read,
    )


def _licence(paths: list[str], read: Callable[[str], bytes]) -> str:
    """The licence by the file nearest to the top, or by the package's metadata."""
    by_depth = sorted(paths, key=lambda path: (path.count("/"), path))
    for pattern in (_LICENCE_FILE, _METADATA_FILE):
        for path in [one for one in by_depth if pattern.fullmatch(one.rpartition("/")[2])][:4]:
            found = licence_of(read(path).decode("utf-8", "replace"))
            if found:
                return found
    return ""


def _in_hash_order(paths: list[str]) -> list[str]:
    """A fixed shuffle, so that a cap takes files from everywhere."""
    return sorted(paths, key=lambda path: hashlib.blake2b(path.encode(), digest_size=8).digest())


def _archive(place: Path) -> tuple[list[str], Callable[[str], bytes]]:
    if place.suffix in {".whl", ".zip"}:
        wheel = zipfile.ZipFile(place)
        return wheel.namelist(), lambda path: _small(wheel.getinfo(path).file_size, wheel, path)
    files: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(place.read_bytes())) as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.isfile() else None
            if stream is not None and member.size <= _LARGEST:
                files[member.name.partition("/")[2]] = stream.read()
    return list(files), lambda path: files[path]


def _small(size: int, wheel: zipfile.ZipFile, path: str) -> bytes:
    return wheel.read(path) if size <= _LARGEST else b""


def _git(place: Path, *arguments: str) -> bytes:
    command = ["git", f"--git-dir={place}", *arguments]
    return subprocess.run(command, capture_output=True, check=True).stdout


def _git_reader(place: Path) -> Callable[[str], bytes]:
    command = ["git", f"--git-dir={place}", "cat-file", "--batch"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout

    def read(path: str) -> bytes:
        stdin.write(f"HEAD:{path}\n".encode("utf-8", "replace"))
        stdin.flush()
        head = stdout.readline().split()
        if len(head) != 3 or head[1] != b"blob":
            return b""
        data = stdout.read(int(head[2]))
        stdout.read(1)
        return data if len(data) <= _LARGEST else b""

    return read
