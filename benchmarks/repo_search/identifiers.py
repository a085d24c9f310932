"""Exact identifiers: does typing a unit's name bring a definition of that name first?

For every named unit of the repositories: its name, its qualified name, and its name in the other
style (snake_case for camelCase and the reverse). Each text is typed once, into one open searcher a
repository. The checkouts are those of `benchmarks.repo_search.run`; their indexes are brought up to
date first.

Definitions of a typed name have more points than all else together, so what other views find should
change nothing where names found it: `--views names` asks them alone, and all views for what they
missed. `--views all` tries that, and takes some times as long.

python -m benchmarks.repo_search.identifiers --data ../shared/bench/repo_search --work DIR \
    [--only flask,gin] [--sample 200] [--views names] \
    [--json benchmarks/results/identifiers.json]

`benchmarks.repo_search.report` writes the record into docs/retrieval.md.
"""

from __future__ import annotations

import argparse
import functools
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import codesearch
from codesearch.indexing.scan import scan
from codesearch.languages import parse
from codesearch.search import EncoderHandle, Searcher, Stages
from codesearch.settings import Settings
from codesearch.types import Hit, Kind, Query, Unit
from codesearch.words import split_words

_SHOWN_FAILURES = 40
_LOG_SECONDS = 30.0
VIEWS = {"all": Stages(), "names": Stages(vectors=False, words=False)}
FORMS = ("name", "qualified", "other style")

Ask = Callable[[str], Hit | None]


@dataclass(frozen=True, slots=True)
class Typed:
    """What is typed for a unit, and how: one of `FORMS`."""

    form: str
    text: str
    unit: Unit

    def is_answered_by(self, hit: Hit) -> bool:
        """Whether `hit` defines what was typed: the same words for a name in another style."""
        if hit.kind is Kind.WINDOW:
            return False
        if self.form == "qualified" and self.text != self.unit.name:
            return hit.qualified_name.casefold() == self.unit.qualified_name.casefold()
        if self.form in ("name", "qualified"):  # one that adds nothing asks for the name
            return hit.name.casefold() == self.unit.name.casefold()
        return split_words(hit.name) == split_words(self.unit.name)


def main() -> None:
    """Type every name, and print and write what did not come first."""
    arguments = _arguments()
    repositories = json.loads((arguments.data / "repos.json").read_text())
    wanted = arguments.only.split(",") if arguments.only else [one["name"] for one in repositories]
    stages = VIEWS[arguments.views]
    encoder = EncoderHandle(Settings().encoder)
    records = []
    for repository in repositories:
        if repository["name"] in wanted:
            folder = arguments.work / repository["name"] / repository["root"]
            records.append(
                _measured(repository["name"], folder.resolve(), encoder, stages, arguments.sample)
            )
            print(_line(records[-1]), flush=True)
            if arguments.json:  # as far as it is: the whole may take an hour
                record = _record(records, arguments)
                arguments.json.write_text(json.dumps(record, indent=1) + "\n")
    record = _record(records, arguments)
    print(json.dumps({**record, "failures": record["failures"][:_SHOWN_FAILURES]}, indent=1))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="repos.json")
    parser.add_argument("--work", type=Path, required=True, help="where the checkouts are")
    parser.add_argument("--only", help="names, separated by commas")
    parser.add_argument("--sample", type=int, help="names a repository; all without it")
    parser.add_argument("--views", choices=VIEWS, default="all", help="which views are asked")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def _measured(
    name: str, root: Path, encoder: EncoderHandle, stages: Stages, sample: int | None
) -> dict[str, Any]:
    """Every name of one repository, and those that did not bring their definition first."""
    typed = list(typed_names(_units(root)))
    if sample is not None and len(typed) > sample:
        typed = random.Random(0).sample(typed, sample)
    codesearch.open(root).close()
    encoder.get(wait=True)
    quick = Searcher(root, Settings(), encoder, stages=stages)
    whole = Searcher(root, Settings(), encoder)
    first_hit, again = functools.cache(_asking(quick)), functools.cache(_asking(whole))
    failures = list(_failures(name, typed, first_hit, again))
    quick.close()
    whole.close()
    return {
        "name": name,
        "texts": first_hit.cache_info().currsize,
        "typed": Counter(one.form for one in typed),
        "failures": failures,
    }


def _asking(searcher: Searcher) -> Ask:
    def first_hit(text: str) -> Hit | None:
        hits = searcher.search(Query(text, limit=1), wait_for_encoder=True).hits
        return hits[0] if hits else None

    return first_hit


def _failures(
    name: str, typed: Sequence[Typed], first_hit: Ask, again: Ask
) -> Iterator[dict[str, str]]:
    last = time.monotonic()
    for done, one in enumerate(typed):
        if time.monotonic() - last > _LOG_SECONDS:
            last = time.monotonic()
            print(f"{name}: {done} of {len(typed)}", file=sys.stderr, flush=True)
        hit = first_hit(one.text)
        if hit is None or not one.is_answered_by(hit):
            hit = again(one.text)
        if hit is None or not one.is_answered_by(hit):
            first = f"{hit.path}: {hit.qualified_name}" if hit else "nothing"
            yield {
                "repository": name,
                "form": one.form,
                "typed": one.text,
                "of": one.unit.path,
                "first": first,
            }


def _units(root: Path) -> Iterator[Unit]:
    for path in sorted(scan(root, Settings().indexing).files):
        yield from parse(path, (root / path).read_bytes()).units


def typed_names(units: Iterable[Unit]) -> Iterator[Typed]:
    """Each distinct text of each form once."""
    seen: set[tuple[str, str]] = set()
    for unit in units:
        if unit.kind is Kind.WINDOW:
            continue
        texts = (unit.name, unit.qualified_name, other_style(unit.name))
        for form, text in zip(FORMS, texts, strict=True):
            if text is not None and (form, text) not in seen:
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


def _record(records: Sequence[dict[str, Any]], arguments: argparse.Namespace) -> dict[str, Any]:
    failures = [failure for one in records for failure in one["failures"]]
    typed: Counter[str] = sum((one["typed"] for one in records), Counter())
    missed = Counter(failure["form"] for failure in failures)
    return {
        "sample": arguments.sample,
        "views": arguments.views,
        "texts": sum(one["texts"] for one in records),
        "typed": typed.total(),
        "first": _share(typed.total(), len(failures)),
        "by_form": {
            form: {"typed": typed[form], "first": _share(typed[form], missed[form])}
            for form in FORMS
        },
        "by_repository": {
            one["name"]: {
                "typed": one["typed"].total(),
                "first": _share(one["typed"].total(), len(one["failures"])),
            }
            for one in records
        },
        "failures": failures,
    }


def _share(asked: int, missed: int) -> float:
    return 1 - missed / max(1, asked)


def _line(record: dict[str, Any]) -> str:
    return (
        f"{record['name']:12} {record['typed'].total()} typed, {len(record['failures'])} failures"
    )


if __name__ == "__main__":
    main()
