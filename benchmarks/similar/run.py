"""How good "find similar" is, through the real search: see the README beside this file.

python -m benchmarks.similar.run --data ../shared/bench/repo_search --work DIR \
    --source 'mirrors/{owner}+{name}/repo' [--only flask,gin] [--also NAME=FOLDER ...] \
    [--json OUT] [--markdown OUT]
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import codesearch
from benchmarks.repo_search.checkout import checkout
from benchmarks.similar.ask import Asker
from benchmarks.similar.corpus import read
from benchmarks.similar.report import page
from codesearch.search import EncoderHandle
from codesearch.settings import Settings

# Of one rule in one repository, so that no repository speaks for all.
MOST_CASES = 25
MOST_SUBJECTS = 20
_COMPARED = "everything,words only,vectors only"


@dataclass(frozen=True, slots=True)
class Place:
    """A repository to measure on; `labels` are its annotations, if it has any."""

    name: str
    root: Path
    labels: list[dict[str, Any]]


def main() -> None:
    """Measure every repository, and write the record and the page."""
    arguments = _arguments()
    encoder = EncoderHandle(Settings().encoder)
    rows: list[dict[str, Any]] = []
    for place in _places(arguments):
        found = _measure(place, encoder, arguments.variants.split(","))
        rows += found
        print(place.name, dict(Counter(row["set"] for row in found)), flush=True)
        if arguments.json:
            arguments.json.write_text(json.dumps(rows, indent=0))
    text = page(rows)
    print(text)
    if arguments.markdown:
        arguments.markdown.write_text(text)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="repos.json and annotations/")
    parser.add_argument("--work", type=Path, help="where checkouts are made")
    parser.add_argument("--source", default="", help="git folder or URL with {owner} and {name}")
    parser.add_argument("--only", help="names, separated by commas")
    parser.add_argument("--also", nargs="*", default=[], help="further folders, as NAME=FOLDER")
    parser.add_argument("--variants", default=_COMPARED, help="separated by commas")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path)
    return parser.parse_args()


def _places(arguments: argparse.Namespace) -> list[Place]:
    places = []
    if arguments.data:
        for one in json.loads((arguments.data / "repos.json").read_text()):
            if arguments.only and one["name"] not in arguments.only.split(","):
                continue
            target = arguments.work.resolve() / one["name"]
            checkout(one["repository"], one["revision"], target, arguments.source)
            labels = json.loads(
                (arguments.data / "annotations" / f"{one['name']}.json").read_text()
            )
            places.append(Place(one["name"], (target / (one["root"] or ".")).resolve(), labels))
    for also in arguments.also:
        name, _, folder = also.partition("=")
        places.append(Place(name, Path(folder).resolve(), []))
    return places


def _measure(place: Place, encoder: EncoderHandle, variants: list[str]) -> list[dict[str, Any]]:
    """A row a question and variant."""
    codesearch.open(place.root).close()  # indexes what has changed
    corpus = read(place.name, place.root)
    rows: list[dict[str, Any]] = []
    for variant in variants:
        asker = Asker(corpus, encoder, variant)
        rows += asker.labelled(place.labels)
        rows += asker.pairs(MOST_CASES)
        rows += asker.mutations(MOST_SUBJECTS)
        asker.close()
    return rows


if __name__ == "__main__":
    main()
