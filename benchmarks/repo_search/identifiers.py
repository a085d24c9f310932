"""Exact identifiers: does typing a unit's name bring a definition of that name first?

For every named unit of the indexed repositories: its name, its qualified name, and its name in the
other style (snake_case for camelCase and the reverse). Run `benchmarks.repo_search.run` first; this
reads the indexes that it left.

python -m benchmarks.repo_search.identifiers --data ../shared/bench/repo_search --work DIR \
    [--only flask,gin] [--sample 200] [--json OUT]
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codesearch.languages import parse
from codesearch.search import EncoderHandle, Searcher
from codesearch.settings import Settings
from codesearch.types import Hit, Kind, Query, Unit
from codesearch.words import split_words

_SHOWN_FAILURES = 40


@dataclass(frozen=True, slots=True)
class Typed:
    """What is typed for a unit, and how: "name", "qualified" or "other style"."""

    form: str
    text: str
    unit: Unit

    def is_answered_by(self, hit: Hit) -> bool:
        """Whether `hit` defines what was typed: the same words for a name in another style."""
        if hit.kind is Kind.WINDOW:
            return False
        if self.form == "qualified":
            return hit.qualified_name.casefold() == self.unit.qualified_name.casefold()
        if self.form == "name":
            return hit.name.casefold() == self.unit.name.casefold()
        return split_words(hit.name) == split_words(self.unit.name)


def main() -> None:
    """Type every name, and print and write what did not come first."""
    arguments = _arguments()
    repositories = json.loads((arguments.data / "repos.json").read_text())
    wanted = arguments.only.split(",") if arguments.only else [one["name"] for one in repositories]
    encoder = EncoderHandle(Settings().encoder)
    totals: Counter[str] = Counter()
    failures: list[dict[str, str]] = []
    for repository in repositories:
        if repository["name"] in wanted:
            root = arguments.work.resolve() / repository["name"] / (repository["root"] or ".")
            found = list(_failures(root.resolve(), encoder, arguments.sample, totals))
            failures += [{"repository": repository["name"], **one} for one in found]
            print(f"{repository['name']:12} {len(found)} failures", flush=True)
    record = _record(totals, failures)
    print(json.dumps({**record, "failures": failures[:_SHOWN_FAILURES]}, indent=1))
    if arguments.json:
        arguments.json.write_text(json.dumps(record, indent=1))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="repos.json")
    parser.add_argument("--work", type=Path, required=True, help="where the checkouts are")
    parser.add_argument("--only", help="names, separated by commas")
    parser.add_argument("--sample", type=int, help="names a repository; all without it")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def _failures(
    root: Path, encoder: EncoderHandle, sample: int | None, totals: Counter[str]
) -> Iterator[dict[str, str]]:
    """Every name of the repository that did not bring its definition first."""
    typed = list(_typed(_units(root)))
    if sample is not None and len(typed) > sample:
        typed = random.Random(0).sample(typed, sample)
    searcher = Searcher(root, Settings(), encoder)
    for one in typed:
        totals[one.form] += 1
        hits = searcher.search(Query(one.text, limit=1)).hits
        if not hits or not one.is_answered_by(hits[0]):
            totals[f"{one.form} missed"] += 1
            first = f"{hits[0].path}: {hits[0].qualified_name}" if hits else "nothing"
            yield {"form": one.form, "typed": one.text, "of": one.unit.path, "first": first}
    searcher.close()


def _units(root: Path) -> Iterator[Unit]:
    for file in sorted(root.rglob("*")):
        path = file.relative_to(root)
        if file.is_file() and not any(part.startswith(".") for part in path.parts):
            yield from parse(path.as_posix(), file.read_bytes()).units


def _typed(units: Iterable[Unit]) -> Iterator[Typed]:
    """Each distinct text once."""
    seen: set[tuple[str, str]] = set()
    for unit in units:
        if unit.kind is Kind.WINDOW:
            continue
        forms = {"name": unit.name, "qualified": unit.qualified_name}
        if (other := other_style(unit.name)) is not None:
            forms["other style"] = other
        for form, text in forms.items():
            if (form, text) not in seen:
                seen.add((form, text))
                yield Typed(form, text, unit)


def other_style(name: str) -> str | None:
    """`parseConfig` for `parse_config` and the reverse; None for a name of one word."""
    words = split_words(name)
    if len(words) < 2:
        return None
    if "_" in name.strip("_"):
        return words[0] + "".join(word.capitalize() for word in words[1:])
    return "_".join(words)


def _record(totals: Counter[str], failures: list[dict[str, str]]) -> dict[str, Any]:
    forms = [form for form in totals if not form.endswith(" missed")]
    asked = sum(totals[form] for form in forms)
    return {
        "typed": asked,
        "first": 1 - len(failures) / max(1, asked),
        "by_form": {
            form: {"typed": totals[form], "first": 1 - totals[f"{form} missed"] / totals[form]}
            for form in forms
        },
        "failures": failures,
    }


if __name__ == "__main__":
    main()
