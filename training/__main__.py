"""The commands of `python -m training`; see README.md."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import MISSING, fields
from pathlib import Path

from codesearch.encoder.locate import BASE_NAME, locate
from codesearch.settings import EncoderSettings


def main() -> None:
    """Run one step of the pipeline."""
    arguments = vars(_parser().parse_args())
    run: Callable[..., None] = arguments.pop("run")
    run(**arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    steps = parser.add_subparsers(required=True)
    _harvest_options(steps.add_parser("harvest", help="packages to units"))
    _about_options(steps.add_parser("about", help="what was written about whole files"))
    _tested_options(steps.add_parser("tested", help="tests beside what they test"))
    _count_options(steps.add_parser("count", help="how many pairs there are"))
    _draw_options(steps.add_parser("draw", help="units to batches of pairs"))
    _train_options(steps.add_parser("train", help="batches to weights"))
    _export_options(steps.add_parser("export", help="weights to a folder that can be shipped"))
    _change_options(steps.add_parser("change", help="low-rank factors to the file that is shipped"))
    _evaluate_options(steps.add_parser("evaluate", help="encoders side by side"))
    return parser


def _harvest_options(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_harvest)
    _sources(parser)
    parser.add_argument("--documented", type=int, default=2500, help="a package and language")
    parser.add_argument("--bare", type=int, default=800)


def _harvest(
    *, downloads: Path, mirrors: Path, data: Path, jobs: int, documented: int, bare: int
) -> None:
    from training.harvest import harvest

    harvest(downloads, mirrors, data, jobs=jobs, caps=(documented, bare))


def _about_options(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_about)
    _sources(parser)


def _tested_options(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_tested)
    _sources(parser)


def _sources(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--downloads", type=Path, required=True, help="with pypi/ and npm/")
    parser.add_argument("--mirrors", type=Path, required=True, help="with OWNER+NAME/repo")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=2)


def _about(downloads: Path, mirrors: Path, data: Path, jobs: int) -> None:
    from training.about import collect

    print(json.dumps(collect(downloads, mirrors, data, jobs=jobs), indent=1))


def _tested(downloads: Path, mirrors: Path, data: Path, jobs: int) -> None:
    from training.tested import collect

    print(json.dumps(collect(downloads, mirrors, data, jobs=jobs), indent=1))


def _count_options(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_count)
    parser.add_argument("--data", type=Path, required=True)


def _count(data: Path) -> None:
    from training.count import count

    found = count(data)
    print(json.dumps({**dict(found.most_common()), "all": found.total()}, indent=1))


def _draw_options(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_draw)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--batches", type=int, default=2500)
    parser.add_argument("--size", type=int, default=32, help="pairs of a batch")
    parser.add_argument("--seed", type=int, default=1)


def _draw(data: Path, batches: int, size: int, seed: int) -> None:
    from training.stored import draw

    print(json.dumps(draw(data, batches, seed=seed, size=size), indent=1))


def _train_options(parser: argparse.ArgumentParser) -> None:
    from training.options import Options

    parser.set_defaults(run=_train)
    for field in fields(Options):
        flag = f"--{field.name.replace('_', '-')}"
        if field.name == "base":
            parser.add_argument(flag, type=Path, help="default: the general sentence encoder")
        elif field.name == "start":
            parser.add_argument(
                flag, type=Path, help="weights, or with --rank a run, to go on from"
            )
        elif field.default is MISSING:
            parser.add_argument(flag, type=Path, required=True)
        elif isinstance(field.default, bool):
            parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=field.default)
        else:
            parser.add_argument(flag, type=type(field.default), default=field.default)


def _train(base: Path | None, **values: object) -> None:
    from training.options import Options
    from training.train import train

    print(train(Options(base=base or general_encoder(), **values)))  # type: ignore[arg-type]


def general_encoder() -> Path:
    """The folder of all-MiniLM-L6-v2, from which training starts."""
    return locate(EncoderSettings(name=BASE_NAME)).folder


def _export_options(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_export)
    parser.add_argument("--trained", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--share", type=float, default=1.0, help="of the trained weights")


def _export(trained: Path, out: Path, share: float) -> None:
    from training.export import export

    print(json.dumps(export(general_encoder(), trained, out, share=share), indent=1))


def _change_options(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_change)
    parser.add_argument(
        "--trained", type=Path, required=True, help="the folder of a run with --rank"
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--share", type=float, default=1.0, help="of what was trained")


def _change(trained: Path, out: Path, share: float) -> None:
    from training.change import export_change

    print(export_change(trained, out, share=share))


def _evaluate_options(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_evaluate)
    parser.add_argument("encoders", nargs="+", help="names or paths")
    parser.add_argument("--units", type=Path, help="harvest's folder")
    parser.add_argument("--cosqa", type=Path, help="a folder with CoSQA's retrieval files")
    parser.add_argument("--mirrors", type=Path, help="for code across languages")
    parser.add_argument("--most", type=int, default=300, help="functions of a package")
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--json", type=Path)


def _evaluate(
    *,
    encoders: list[str],
    units: Path | None,
    cosqa: Path | None,
    mirrors: Path | None,
    most: int,
    speed: bool,
    json: Path | None,
) -> None:
    from training.evaluate import Sets, evaluate, throughput
    from training.report import table

    found = evaluate(encoders, Sets(units, cosqa, mirrors, most))
    if speed and units:
        for name, value in throughput(encoders, units).items():
            found[name]["texts a second and core"] = value
    print(table(found))
    if json:
        _save(json, found)


def _save(path: Path, found: object) -> None:
    path.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
