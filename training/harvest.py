"""Packages to units: parsed as the index parses, filtered, without duplicates, with a manifest."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from codesearch.languages import LANGUAGES, language_of, parse
from codesearch.types import Kind, Unit
from codesearch.words import split_words
from training.documentation import first_sentence, undocumented
from training.sources import open_package, packages

_LONGEST = 4000  # characters of a body
_FEWEST_WORDS = 6  # of a body without its documentation
_SHINGLE = 5
_SKETCH = 4  # smallest shingle hashes that make two texts near-duplicates when equal


def harvest(
    downloads: Path, mirrors: Path, out: Path, *, jobs: int = 2, caps: tuple[int, int] = (1500, 500)
) -> list[dict[str, Any]]:
    """Write `out/units/PACKAGE.jsonl.gz` and `out/manifest.jsonl`; return the manifest.

    `caps`: units with and without documentation of one package and language.
    """
    (out / "units").mkdir(parents=True, exist_ok=True)
    rows = []
    with ProcessPoolExecutor(jobs) as pool:
        work = [
            pool.submit(_package, registry, name, place, out, caps)
            for registry, name, place in packages(downloads, mirrors)
        ]
        for done in as_completed(work):
            row = done.result()
            rows.append(row)
            print(json.dumps(row), file=sys.stderr, flush=True)
    rows.sort(key=lambda row: (row["registry"], row["package"]))
    (out / "manifest.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return rows


def _package(
    registry: str, name: str, place: Path, out: Path, caps: tuple[int, int]
) -> dict[str, Any]:
    """Harvest one package, or find that it has been harvested."""
    target = out / "units" / f"{registry}+{name.replace('/', '+')}.jsonl.gz"
    done = target.with_suffix(".done")
    if done.is_file():
        row: dict[str, Any] = json.loads(done.read_text())
        return row
    package = open_package(registry, name, place)
    counts: Counter[str] = Counter()
    if package.licence:
        with gzip.open(target, "wt", encoding="utf-8", compresslevel=4) as stream:
            for unit in _units(package.paths, package.read, caps):
                counts[unit.language] += 1
                stream.write(json.dumps(to_record(unit)) + "\n")
    row = {
        "registry": registry,
        "package": name,
        "version": package.version,
        "licence": package.licence or "not used",
        "units": dict(counts),
    }
    done.write_text(json.dumps(row))
    return row


def _units(paths: Any, read: Any, caps: tuple[int, int]) -> Iterator[Unit]:
    kept: Counter[tuple[str, bool]] = Counter()
    seen: set[bytes] = set()
    for path in paths:
        language = language_of(path)
        if language not in LANGUAGES or language in _NOT_CODE:
            continue
        if kept[language, True] >= caps[0]:
            continue
        for unit in parse(path, read(path)).units:
            documented = bool(first_sentence(unit.documentation))
            key = (unit.language, documented)
            if kept[key] >= caps[not documented] or not _useful(unit) or _repeated(unit, seen):
                continue
            kept[key] += 1
            yield unit


_NOT_CODE = {"markdown", "json", "yaml", "toml", "html", "css"}


def _useful(unit: Unit) -> bool:
    return (
        unit.kind is not Kind.WINDOW
        and len(unit.body) <= 4 * _LONGEST
        and len(split_words(undocumented(unit).body)) >= _FEWEST_WORDS
        and not re.match(r"test|bench|mock", unit.name, re.IGNORECASE)
    )


def _repeated(unit: Unit, seen: set[bytes]) -> bool:
    key = sketch(split_words(undocumented(unit).body))
    found = key in seen
    seen.add(key)
    return found


def sketch(words: list[str]) -> bytes:
    """The same for texts that share nearly all runs of five words."""
    runs = {" ".join(words[i : i + _SHINGLE]) for i in range(max(1, len(words) - _SHINGLE + 1))}
    hashes = sorted(hashlib.blake2b(run.encode(), digest_size=6).digest() for run in runs)
    return b"".join(hashes[:_SKETCH])


def to_record(unit: Unit) -> dict[str, str]:
    """What training needs of `unit`."""
    return {
        "path": unit.path,
        "language": unit.language,
        "kind": unit.kind.value,
        "name": unit.name,
        "qualified_name": unit.qualified_name,
        "documentation": unit.documentation[:_LONGEST],
        "body": unit.body[:_LONGEST],
    }
