"""From units to pairs of texts that mean the same: the objectives, drawn anew at every step."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from codesearch.encoder.text import document_texts, query_text
from codesearch.types import Kind, Span, Unit
from codesearch.words import split_words
from training.documentation import first_sentence, undocumented, whole
from training.recoded import COMMENT, recoded

_NOWHERE = Span(0, 0, 0, 0)
_TOKENS = 254  # of a document's text, as in use


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that should lie near each other, and the objective that made them."""

    query: str
    document: str
    objective: str
    place: str = ""  # pairs of the same one are no negatives of each other


Objective = Callable[[Unit, random.Random], tuple[str, str] | None]


def from_record(record: dict[str, str]) -> Unit:
    """The unit that `harvest.to_record` wrote; positions are lost."""
    known = {key: value for key, value in record.items() if key != "kind"}
    return Unit(
        **known,
        kind=Kind(record["kind"]),
        signature="",
        span=_NOWHERE,
        name_span=_NOWHERE,
        content_hash="",
    )


def document(unit: Unit) -> str:
    """The unit's first text, as the index encodes it."""
    return document_texts(unit, _TOKENS)[0]


def make_pair(unit: Unit, chance: random.Random) -> Pair | None:
    """A pair by an objective drawn by its weight, or None where the unit has none to offer."""
    table = objectives_of(unit)
    (name, objective), *_ = chance.choices([one[:2] for one in table], [one[2] for one in table])
    texts = objective(unit, chance)
    if texts is None or len(texts[0].split()) < 2:
        return None
    return Pair(texts[0], texts[1], name)


def objectives_of(unit: Unit) -> Sequence[tuple[str, Objective, float]]:
    """Name, function and weight of what `unit` may be asked for by; some may give None."""
    return _DOCUMENTED if first_sentence(unit.documentation) else _BARE


def documentation_to_code(unit: Unit, chance: random.Random) -> tuple[str, str]:
    """The first sentence, or all of the documentation, is the question for the rest."""
    text = first_sentence(unit.documentation)
    if chance.random() < 0.25:
        text = whole(unit.documentation)
    bare = undocumented(unit)
    return query_text(text), document(masked(bare) if chance.random() < 0.35 else bare)


def question_to_code(unit: Unit, chance: random.Random) -> tuple[str, str]:
    """The first sentence as people would ask, for the unit with or without the rest."""
    sentence = first_sentence(unit.documentation).rstrip(".")
    text = sentence[:1].lower() + sentence[1:]
    if chance.random() < 0.5:
        text = chance.choice(_FORMS).format(text)
    else:
        text = " ".join(keywords(split_words(text), chance))
    if chance.random() < 0.25:  # as people ask a search engine
        form = chance.choice(("{1} {0}", "{0} in {1}", "{0} {1}"))
        text = form.format(text, _SPOKEN.get(unit.language, unit.language))
    bare = undocumented(unit)
    rest = unit.documentation.replace(sentence, "", 1)
    if chance.random() < 0.4:
        bare = replace(bare, documentation=rest)
    return query_text(text), document(masked(bare) if chance.random() < 0.25 else bare)


_FORMS = (
    "how to {}",
    "where does it {}",
    "which function {}",
    "code that {}",
    "how does it {}",
    "where is the code to {}",
    "{}",
    "what {}",
    "how do I {}",
)
_SPOKEN = {"csharp": "c#", "cpp": "c++", "ocaml_interface": "ocaml", "tsx": "react"}
STOP_WORDS = frozenset(
    "a an the of to in for and or is are be by with on from that this it as at if into its which "
    "will can given returns return whether when not".split()
)


def keywords(words: list[str], chance: random.Random) -> list[str]:
    """What somebody types in a hurry: no filler, some words forgotten."""
    kept = [word for word in words if word not in STOP_WORDS]
    some = [word for word in kept if chance.random() < 0.8]
    return (some if len(some) >= 2 else kept)[:8]


def name_to_body(unit: Unit, chance: random.Random) -> tuple[str, str]:
    """The name's words, sometimes with where it stands, for the unit with its name masked."""
    place = unit.qualified_name.removesuffix(unit.name) if chance.random() < 0.4 else ""
    words = split_words(unit.name)
    if len(words) < 2:
        words = [*split_words(place or unit.qualified_name), *words]
    if place:
        words = [*split_words(place)[-3:], *split_words(unit.name)]
    shown = unit if chance.random() < 0.5 else undocumented(unit)
    form = chance.choice(("{}", "{}", "how to {}", "where is {}"))
    return form.format(" ".join(dict.fromkeys(words))), document(masked(shown))


def masked(unit: Unit) -> Unit:
    """`unit` without its own name, wherever that stands."""
    body = (
        re.sub(rf"(?<!\w){re.escape(unit.name)}(?!\w)", "_", unit.body) if unit.name else unit.body
    )
    scope = unit.qualified_name.removesuffix(unit.name)
    return replace(unit, name="", qualified_name=scope, body=body)


def code_to_code(unit: Unit, chance: random.Random) -> tuple[str, str] | None:
    """The code written in another way, without comments, for the unit itself."""
    bare = masked(undocumented(unit))
    lines = [line for line in bare.body.splitlines() if line.strip() and not COMMENT.match(line)]
    if len(lines) < 4:
        return None
    copy = replace(bare, body=recoded(lines, chance), qualified_name="", path="x")
    return document(copy), document(unit if chance.random() < 0.5 else undocumented(unit))


_BLOCK = re.compile(r"\s*(?:#|//|--)+\s+(\w[^\n]{12,120})")


def comment_to_block(unit: Unit, chance: random.Random) -> tuple[str, str] | None:
    """A comment inside the code for the lines below it."""
    lines = unit.body.splitlines()
    found = [i for i in range(1, len(lines) - 2) if _starts_block(lines, i)]
    if not found:
        return None
    at = chance.choice(found)
    match = _BLOCK.match(lines[at])
    assert match is not None
    block = []
    for line in lines[at + 1 : at + 12]:
        if not line.strip() or COMMENT.match(line):
            break
        block.append(line)
    if len(block) < 2 or not first_sentence(match.group(1)):
        return None
    return query_text(match.group(1)), document(
        replace(unit, documentation="", body="\n".join(block))
    )


def _starts_block(lines: list[str], at: int) -> bool:
    return bool(_BLOCK.match(lines[at])) and not any(
        map(COMMENT.match, (lines[at - 1], lines[at + 1]))
    )


_DOCUMENTED: tuple[tuple[str, Objective, float], ...] = (
    ("documentation", documentation_to_code, 0.48),
    ("question", question_to_code, 0.22),
    ("name", name_to_body, 0.10),
    ("code", code_to_code, 0.16),
    ("comment", comment_to_block, 0.04),
)
_BARE: tuple[tuple[str, Objective, float], ...] = (
    ("name", name_to_body, 0.40),
    ("code", code_to_code, 0.35),
    ("comment", comment_to_block, 0.25),
)
