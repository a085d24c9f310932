"""An evaluation from beginning to end: survey, copy, index, ask."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from codesearch.encoder import describe
from codesearch.errors import EncoderError, StoreError
from codesearch.evaluation.history import Repository, from_commits, repository_of
from codesearch.evaluation.masking import write_masked
from codesearch.evaluation.memory import Memory
from codesearch.evaluation.metrics import RECALL_DEPTH, scores
from codesearch.evaluation.questions import Place, Question, place_of
from codesearch.evaluation.survey import Survey, Tell, drawn, survey
from codesearch.evaluation.systems import SYSTEMS
from codesearch.evaluation.workplace import workplace, writing
from codesearch.indexing import refresh
from codesearch.indexing.git import GitUnavailableError
from codesearch.search import EncoderHandle, Searcher, Stages
from codesearch.settings import EncoderSettings, Settings
from codesearch.types import Hit, IndexStatus, Query

# In the copy nothing is ignored: what the repository's rules leave out was not copied.
_KEEP_ALL = ("!*",)
NO_HISTORY = "no git history here: commits are not asked for"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure. Of each kind of question there are at most `sample`, None for all."""

    encoders: tuple[EncoderSettings, ...]
    sample: int | None = 300
    seed: int = 0
    commits: bool = True
    history: Repository | None = None  # None: that of the work tree the root is in
    systems: Mapping[str, Stages] = field(default_factory=lambda: SYSTEMS)


@dataclass(frozen=True, slots=True)
class Asked:
    """One answer: the 1-based ranks of the right units among the first 50 hits."""

    question: Question
    system: str
    ranks: tuple[int, ...]
    milliseconds: float

    @property
    def scores(self) -> dict[str, float]:
        """See `metrics.scores`."""
        return scores(self.ranks, len(self.question.answers))


@dataclass(frozen=True, slots=True)
class Measured:
    """All answers with one encoder, and what its index cost."""

    encoder: str
    fingerprint: str
    index_seconds: float
    texts_encoded: int
    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What came out. `units` is the size of the repository, windows included."""

    root: Path
    units: int
    questions: tuple[Question, ...]
    measured: tuple[Measured, ...]
    notes: tuple[str, ...] = ()


def evaluate(root: Path, settings: Settings, plan: Plan, tell: Tell) -> Report:
    """Ask the repository at `root` its own questions, of a masked copy with an index of its own.

    `tell` hears what is being done, and how much of how many.

    Raises:
        UsageError: `root` is gone.
        EncoderError: an encoder's files are missing or do not load.
        StoreError: the copy or its index cannot be written.
    """
    for encoder in plan.encoders:
        describe(encoder)
    found = survey(root, settings.indexing, tell)
    asked = drawn(found, plan.sample, plan.seed)
    with workplace(root.name or "root") as target:
        with writing():
            masked = write_masked(found, asked, target, tell)
        commits, notes = _from_commits(found, plan, tell)
        questions = (*(one.question for one in masked.documented), *commits)
        measured = []
        if questions:
            of_copy = replace(settings, indexing=replace(settings.indexing, ignore=_KEEP_ALL))
            for encoder in plan.encoders:
                changed = replace(of_copy, encoder=encoder)
                measured.append(_measured(target, changed, questions, plan.systems, tell))
    return Report(root, found.units, questions, tuple(measured), notes)


def _from_commits(found: Survey, plan: Plan, tell: Tell) -> tuple[list[Question], tuple[str, ...]]:
    if not plan.commits:
        return [], ()
    history = plan.history or repository_of(found.root)
    if history is None:
        return [], (NO_HISTORY,)
    try:
        return from_commits(found, history, plan.sample, tell), ()
    except GitUnavailableError as error:
        return [], (f"{NO_HISTORY} ({error})",)


def _measured(
    root: Path,
    settings: Settings,
    questions: Sequence[Question],
    systems: Mapping[str, Stages],
    tell: Tell,
) -> Measured:
    info = describe(settings.encoder)
    began = time.perf_counter()
    status = refresh(
        root, settings, on_status=lambda status: tell("embedding", status.encoded, status.units)
    )
    _require_complete(status)
    seconds = time.perf_counter() - began
    asked = tuple(_answers(root, settings, questions, systems, tell))
    return Measured(info.name, info.fingerprint, seconds, status.texts_encoded, asked)


def _require_complete(status: IndexStatus) -> None:
    if status.pending:
        why = status.last_error or f"{status.pending:,} units have no vectors"
        raise StoreError(f"indexing the copy stopped: {why}", "Run `codesearch doctor`.")


def _answers(
    root: Path,
    settings: Settings,
    questions: Sequence[Question],
    systems: Mapping[str, Stages],
    tell: Tell,
) -> list[Asked]:
    """Every question to every system. The first one encodes it, and reads the index for all."""
    handle = EncoderHandle(settings.encoder)
    memory = Memory()
    searchers = {
        name: Searcher(root, settings, handle, stages=stages, through=memory.through)
        for name, stages in systems.items()
    }
    asked: list[Asked] = []
    try:
        for searcher in searchers.values():
            _require_vectors(searcher)
        for done, question in enumerate(questions):
            tell("asking", done, len(questions))
            memory.forget()
            asked += [_ask(searcher, name, question) for name, searcher in searchers.items()]
    finally:
        for searcher in searchers.values():
            searcher.close()
    return asked


def _require_vectors(searcher: Searcher) -> None:
    """Open the index and load the encoder, so that no question pays for it."""
    searcher.search(Query("warm up", limit=1), wait_for_encoder=True)
    if searcher.encoder.get() is None:
        raise EncoderError("The encoder did not load.", "Run `codesearch doctor`.")


def _ask(searcher: Searcher, system: str, question: Question) -> Asked:
    began = time.perf_counter()
    hits = searcher.search(Query(question.text, limit=RECALL_DEPTH), wait_for_encoder=True).hits
    milliseconds = 1000 * (time.perf_counter() - began)
    return Asked(question, system, _ranks(hits, question.answers), milliseconds)


def _ranks(hits: Sequence[Hit], answers: frozenset[Place]) -> tuple[int, ...]:
    return tuple(rank for rank, hit in enumerate(hits, 1) if place_of(hit) in answers)
