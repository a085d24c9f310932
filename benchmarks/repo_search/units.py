"""Single units, not files: documented units asked for by a documentation that was masked.

The same as `codesearch eval`, over the 16 repositories and for every stage left out in turn. The
checkouts are those of `benchmarks.repo_search.run`.

python -m benchmarks.repo_search.units --data ../shared/bench/repo_search --work DIR \
    [--source 'mirrors/{owner}+{name}/repo'] [--only flask,gin] [--sample 40] [--seed 0] \
    [--encoder NAME] [--ablate] [--json benchmarks/results/units.json]

With `--source` functions are asked for by the subjects of commits that touched them, too.
`benchmarks.repo_search.report` writes the record into docs/retrieval.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.repo_search.ablation import VARIANTS
from benchmarks.repo_search.checkout import git_directory
from codesearch.evaluation import SYSTEMS, Asked, Plan, evaluate
from codesearch.evaluation.figures import figures, query_milliseconds
from codesearch.evaluation.history import Repository
from codesearch.settings import EncoderSettings, IndexingSettings, Settings

_LOG_SECONDS = 30.0


def main() -> None:
    """Ask every repository its own questions, and write the record."""
    arguments = _arguments()
    repositories = json.loads((arguments.data / "repos.json").read_text())
    if arguments.only:
        repositories = [one for one in repositories if one["name"] in arguments.only.split(",")]
    records: list[dict[str, Any]] = []
    asked: list[Asked] = []
    for repository in repositories:
        answers = _answers(repository, arguments)
        asked += answers
        records.append({**_named(repository), **_figures(answers)})
        print(_line(records[-1]), flush=True)
        if arguments.json:  # as far as it is: the whole may take an hour
            _write(arguments, asked, records)
    print(json.dumps(_figures(asked)["figures"], indent=1))


def _write(
    arguments: argparse.Namespace, asked: Sequence[Asked], records: Sequence[dict[str, Any]]
) -> None:
    record = {
        "sample": arguments.sample,
        "seed": arguments.seed,
        **_figures(asked),
        "query_ms": query_milliseconds(asked),
        "repositories": records,
    }
    arguments.json.write_text(json.dumps(record) + "\n")  # indented, a third larger


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="repos.json")
    parser.add_argument("--work", type=Path, required=True, help="where the checkouts are")
    parser.add_argument("--source", help="git folder or URL with {owner} and {name}")
    parser.add_argument("--only", help="names, separated by commas")
    parser.add_argument("--sample", type=int, default=40, help="questions of a kind a repository")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--encoder", help="its name or folder; the default if left out")
    parser.add_argument("--ablate", action="store_true", help="leave out each stage in turn")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def _answers(repository: dict[str, Any], arguments: argparse.Namespace) -> tuple[Asked, ...]:
    folder = repository["root"].strip("./")
    root = (arguments.work / repository["name"] / folder).resolve()
    history = None
    if arguments.source:
        place = git_directory(arguments.source, repository["repository"], arguments.work)
        history = Repository(place, folder, repository["revision"])
    settings = Settings(
        encoder=EncoderSettings(name=arguments.encoder),
        indexing=IndexingSettings(nice=0),  # nobody works beside a benchmark
    )
    plan = Plan(
        (settings.encoder,),
        sample=arguments.sample,
        seed=arguments.seed,
        commits=history is not None,
        history=history,
        systems=VARIANTS if arguments.ablate else SYSTEMS,
    )
    return evaluate(root, settings, plan, _Log(repository["name"]).tell).measured[0].asked


class _Log:
    """A line on stderr now and then."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._last = time.monotonic()

    def tell(self, what: str, done: int, total: int) -> None:
        """Say how far things are, if that was not said lately."""
        if time.monotonic() - self._last > _LOG_SECONDS:
            self._last = time.monotonic()
            print(f"{self._name}: {what} {done} of {total}", file=sys.stderr, flush=True)


def _named(repository: dict[str, Any]) -> dict[str, str]:
    return {"name": repository["name"], "language": repository["language"]}


def _figures(asked: Sequence[Asked]) -> dict[str, list[dict[str, Any]]]:
    return {"figures": [one.as_record() for one in figures(asked)]}


def _line(record: dict[str, Any]) -> str:
    cells = [
        f"{one['system']} {one['mrr']:.3f}" for one in record["figures"] if one["language"] == "all"
    ]
    return f"{record['name']:12} MRR {', '.join(cells)}"


if __name__ == "__main__":
    main()
