"""Questions about what a file or a type is for; any unit of the file may answer.

Search ranks a file by all of its units that answer, so that each has to lie near to what its file
is about. Negatives are units of other files alone (`Pair.place`).
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from codesearch.encoder.text import query_text
from codesearch.types import Kind, Unit
from codesearch.words import split_words
from training.about import About
from training.documentation import first_sentence, undocumented, whole
from training.pairs import Pair, document, keywords

_TYPES = {Kind.CLASS, Kind.INTERFACE, Kind.STRUCT, Kind.TRAIT, Kind.MODULE, Kind.ENUM}
_FEWEST_UNITS = 2  # of a file
_WEIGHTS: Mapping[str, float] = {
    "file": 3.0,
    "commit": 2.0,
    "type": 3.0,
    "path": 0.4,
    "sibling": 0.5,
}


@dataclass(frozen=True, slots=True)
class File:
    """The units of one file, and the questions that it answers as a whole."""

    place: str  # package and path
    units: tuple[Unit, ...]
    about: tuple[About, ...]


def files_of(package: str, units: Sequence[Unit], about: Sequence[About]) -> tuple[File, ...]:
    """The files of `units`, by path, so that neighbours stand side by side."""
    by_path: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        by_path[unit.path].append(unit)
    said: dict[str, list[About]] = defaultdict(list)
    for one in about:
        said[one.path].append(one)
    return tuple(
        File(f"{package}:{path}", tuple(by_path[path]), (*said[path], *_from_units(by_path[path])))
        for path in sorted(by_path)
        if len(by_path[path]) >= _FEWEST_UNITS
    )


def _from_units(units: Sequence[Unit]) -> Iterator[About]:
    """What documentation and path say; `names` is the unit whose documentation it was."""
    path = units[0].path
    yield About(path, " ".join(path.rpartition(".")[0].split("/")[-3:]), "path")
    for unit in units:
        if first_sentence(unit.documentation):
            source = "type" if unit.kind in _TYPES else "sibling"
            yield About(path, unit.documentation, source, (unit.name,))


def file_pairs(files: Sequence[File], most: int, chance: random.Random) -> list[Pair]:
    """At most `most` pairs, of neighbouring files half of the time; one or two from each file."""
    each = 1 if len(files) >= most and chance.random() < 0.6 else 2
    pairs: list[Pair] = []
    for file in _some(files, -(-most // each), chance):
        made = (_pair(file, chance) for _ in range(each))
        pairs += [pair for pair in made if pair is not None]
    return pairs[:most]


def _some(files: Sequence[File], count: int, chance: random.Random) -> Sequence[File]:
    if len(files) <= count:
        return files
    if chance.random() < 0.5:
        return chance.sample(files, count)
    first = chance.randrange(len(files) - count + 1)
    return files[first : first + count]


def _pair(file: File, chance: random.Random) -> Pair | None:
    sources = sorted({one.source for one in file.about})
    source = chance.choices(sources, [_WEIGHTS[one] for one in sources])[0]
    about = chance.choice([one for one in file.about if one.source == source])
    unit = _answer(file, about, chance)
    question = _question(about, chance)
    if unit is None or len(question.split()) < 2:
        return None
    return Pair(query_text(question), _shown(unit, about, chance), source, file.place)


def _answer(file: File, about: About, chance: random.Random) -> Unit | None:
    """A unit of the file: one that changed, a member or the type itself, or any."""
    units: Sequence[Unit] = file.units
    if about.source == "commit":
        units = [unit for unit in units if unit.name in about.names] or units
    elif about.source == "type":
        name = about.names[0]
        units = [unit for unit in units if name in re.split(r"\W+", unit.qualified_name)]
    elif about.source == "sibling":
        units = [unit for unit in units if unit.name not in about.names]
    types = [unit for unit in units if unit.kind in _TYPES]
    if types and chance.random() < 0.3:  # else the many members hide them
        units = types
    return chance.choice(units) if units else None


def _shown(unit: Unit, about: About, chance: random.Random) -> str:
    """The unit as the index has it, unless it would give the question away."""
    said = first_sentence(about.text)
    if chance.random() < 0.3 or (said and said == first_sentence(unit.documentation)):
        unit = undocumented(unit)
    if chance.random() < (0.6 if about.source == "path" else 0.2):
        unit = replace(unit, path="x")
    return document(unit)


def _question(about: About, chance: random.Random) -> str:
    if about.source == "path":
        return " ".join(dict.fromkeys(split_words(about.text)))
    if about.source == "commit":
        return _reworded(about.text, "", chance)
    if chance.random() < 0.12:
        return whole(about.text)
    scope = about.names[0] if about.source == "type" else ""
    return _reworded(first_sentence(about.text), scope, chance)


_FILLER = re.compile(
    r"^(?:(?:this|the) (?:class|module|file|package|interface|struct|trait|type|header) )?"
    r"(?:(?:is|are|provides?|contains?|implements?|represents?|defines?|that|which|for|with) )*"
    r"(?:(?:a|an|the|some|all) )?",
    re.IGNORECASE,
)
_COMMITTED = re.compile(
    r"^(?:fix(?:e[sd])?(?: a)?(?: bug)?(?: in| when| where)?|add(?:s|ed)?|improve[sd]?|allow|"
    r"support|implement|make|use|update|remove|handle)\s+",
    re.IGNORECASE,
)
_DOES = re.compile(r"[A-Za-z][a-z]{2,}s\b(?<!ss|us|is)")


def _reworded(sentence: str, name: str, chance: random.Random) -> str:
    """As people ask inside a repository: how something does it, a noun phrase, or keywords."""
    drawn = chance.random()
    plain = sentence[:1].lower() + sentence[1:].rstrip(".")
    short = _COMMITTED.sub("", _FILLER.sub("", plain))
    if drawn < 0.25:
        return sentence
    if drawn < 0.55:
        return short
    if drawn < 0.75:
        return " ".join(keywords(split_words(short), chance))
    if name and _DOES.match(plain):
        return f"how {name} {plain}"
    form = chance.choice(("how {} works", "how {} is done", "{} implementation", "where is {}"))
    words = short.split()[: chance.randint(3, 9)]
    return (f"{name} " if name and chance.random() < 0.3 else "") + form.format(" ".join(words))
