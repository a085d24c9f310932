"""What a repository holds: its units by place, and those whose documentation asks for them."""

from __future__ import annotations

import logging
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from codesearch.evaluation.questions import (
    DOCUMENTATION,
    Place,
    Question,
    first_sentence,
    place_of,
)
from codesearch.indexing.scan import scan
from codesearch.languages import ParseLimits, parse
from codesearch.paths import read_regular_file
from codesearch.settings import IndexingSettings
from codesearch.types import Kind, Unit
from codesearch.words import split_words

_PIECES = re.compile(r"[.!?](?:\s+|$)")

log = logging.getLogger(__name__)

Tell = Callable[[str, int, int], None]  # what is being done, how much of how many


@dataclass(frozen=True, slots=True)
class Documented:
    """A unit whose documentation is a question. `fragment` is a line of it as it is written."""

    unit_id: str
    question: Question
    fragment: str

    @property
    def path(self) -> str:
        """The file it is in."""
        return self.unit_id.partition("\0")[0]


@dataclass(slots=True)
class Survey:
    """The files of one root that have units, and what is in them."""

    root: Path
    settings: IndexingSettings
    files: dict[str, frozenset[Place]] = field(default_factory=dict)  # named units, no windows
    named: dict[tuple[str, str, str], list[Place]] = field(default_factory=dict)
    documented: list[Documented] = field(default_factory=list)
    units: int = 0

    @property
    def limits(self) -> ParseLimits:
        """Those that the index is made with."""
        return ParseLimits(
            max_file_bytes=self.settings.max_file_bytes, seconds=self.settings.parse_seconds
        )

    def read(self, path: str) -> bytes:
        """A file as it is now; OSError if it is none any more."""
        return read_regular_file(self.root / path, self.settings.max_file_bytes + 1)

    def standing(self, path: str, unit: Unit) -> list[Place]:
        """The units of today with the kind and qualified name of `unit` in the file `path`."""
        return self.named.get((path, unit.kind.value, unit.qualified_name), [])


def survey(root: Path, settings: IndexingSettings, tell: Tell) -> Survey:
    """Read and parse every file of `root` that an index would hold. UsageError if it is gone."""
    found = Survey(root, settings)
    paths = sorted(scan(root, settings).files)
    sentences: Counter[tuple[str, ...]] = Counter()
    for done, path in enumerate(paths):
        tell("reading", done, len(paths))
        try:
            parsed = parse(path, found.read(path), found.limits)
        except OSError as error:
            log.info("not read: %s", error)
            continue
        if parsed.skipped is None:
            _add(found, path, parsed.units, sentences)
    found.documented = [one for one in found.documented if sentences[_key(one.question.text)] == 1]
    return found


def drawn(found: Survey, most: int | None, seed: int) -> list[Documented]:
    """At most `most` of the documented units, drawn by lot; all of them for None."""
    if most is None or len(found.documented) <= most:
        return found.documented
    return random.Random(seed).sample(found.documented, most)  # noqa: S311 - no secret


def _add(
    found: Survey, path: str, units: tuple[Unit, ...], sentences: Counter[tuple[str, ...]]
) -> None:
    found.units += len(units)
    named = [unit for unit in units if unit.kind is not Kind.WINDOW]
    found.files[path] = frozenset(map(place_of, named))
    for unit in named:
        key = (path, unit.kind.value, unit.qualified_name)
        found.named.setdefault(key, []).append(place_of(unit))
    for one in _documented(named):
        sentences[_key(one.question.text)] += 1
        found.documented.append(one)


def _documented(units: list[Unit]) -> Iterator[Documented]:
    for unit in units:
        text = first_sentence(unit) if unit.documentation else ""
        if text:
            answers = frozenset({place_of(unit)})
            about = f"{unit.path}: {unit.qualified_name}"
            question = Question(DOCUMENTATION, text, unit.language, answers, about)
            yield Documented(unit.id, question, _fragment(unit.documentation, text))


def _fragment(documentation: str, sentence: str) -> str:
    """The longest stretch of the sentence that stands on one line; "" if markup is everywhere."""
    lines = (line.strip() for line in documentation.partition("\n\n")[0].splitlines())
    pieces = [piece for line in lines for piece in _PIECES.split(line)]
    behind = [piece.partition(" ")[2] for piece in pieces]  # the unit's name is no part of it
    return max((one for one in (*pieces, *behind) if one in sentence), key=len, default="")


def _key(sentence: str) -> tuple[str, ...]:
    return tuple(split_words(sentence))
