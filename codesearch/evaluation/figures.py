"""The answers of an evaluation added up: by kind of question, by language, by system."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from codesearch.evaluation.measure import Asked, Measured, Report
from codesearch.evaluation.metrics import mean, percentile
from codesearch.evaluation.systems import EVERYTHING

ALL = "all"


@dataclass(frozen=True, slots=True)
class Figures:
    """The means of every metric over some questions, as one system answered them."""

    source: str
    language: str  # or ALL
    system: str
    questions: int
    means: Mapping[str, float]

    def as_record(self) -> dict[str, Any]:
        """All of it as plain JSON values in one object."""
        means = {name: round(value, 4) for name, value in self.means.items()}
        return {
            "source": self.source,
            "language": self.language,
            "system": self.system,
            "questions": self.questions,
            **means,
        }


def figures(asked: Sequence[Asked]) -> list[Figures]:
    """Each kind of question with every system, then each language of it."""
    found: list[Figures] = []
    for source in _distinct(asked, lambda one: one.question.source):
        of_source = [one for one in asked if one.question.source == source]
        found += _by_system(of_source, source, ALL)
        languages = sorted(_distinct(of_source, lambda one: one.question.language))
        for language in languages if len(languages) > 1 else ():
            of_language = [one for one in of_source if one.question.language == language]
            found += _by_system(of_language, source, language)
    return found


def query_milliseconds(asked: Iterable[Asked]) -> dict[str, float]:
    """How long a question took with everything, its encoding included: median and 95th percent."""
    times = [one.milliseconds for one in asked if one.system == EVERYTHING]
    return {f"p{percent}": round(percentile(times, percent), 2) for percent in (50, 95)}


def record(report: Report) -> dict[str, Any]:
    """A report as plain JSON values, every question with the ranks of its answers."""
    return {
        "root": str(report.root),
        "units": report.units,
        "questions": len(report.questions),
        "notes": list(report.notes),
        "encoders": [_of_encoder(one) for one in report.measured],
    }


def _of_encoder(measured: Measured) -> dict[str, Any]:
    return {
        "name": measured.encoder,
        "fingerprint": measured.fingerprint,
        "index_seconds": round(measured.index_seconds, 2),
        "texts_encoded": measured.texts_encoded,
        "query_ms": query_milliseconds(measured.asked),
        "figures": [one.as_record() for one in figures(measured.asked)],
        "answers": _answers(measured.asked),
    }


def _answers(asked: Sequence[Asked]) -> list[dict[str, Any]]:
    """One object a question; `ranks` by system, [] where nothing right was among the hits."""
    found: dict[int, dict[str, Any]] = {}
    for one in asked:
        question = one.question
        empty = {
            "query": question.text,
            "source": question.source,
            "language": question.language,
            "about": question.about,
            "answers": len(question.answers),
            "ranks": {},
        }
        found.setdefault(id(question), empty)["ranks"][one.system] = list(one.ranks)
    return list(found.values())


def _by_system(asked: Sequence[Asked], source: str, language: str) -> list[Figures]:
    found = []
    for system in _distinct(asked, lambda one: one.system):
        rows = [one.scores for one in asked if one.system == system]
        found.append(Figures(source, language, system, len(rows), mean(rows)))
    return found


def _distinct(asked: Iterable[Asked], key: Callable[[Asked], str]) -> list[str]:
    return list(dict.fromkeys(map(key, asked)))
