"""Questions from the history: what a commit says it did, and the units that it changed.

The rule: newest first; no merges; at most `_MOST_FILES` files and `_MOST_UNITS` units; a subject
that is a plain sentence. A unit was changed if its text differs by more than white space. It
counts if it stands today under the same name in the same file, is not in a test, and has no
changed unit inside it (a class whose method was added has another header, too).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from codesearch.evaluation.questions import COMMITS, Place, Question, change_of
from codesearch.evaluation.survey import Survey, Tell
from codesearch.indexing.git import GitUnavailableError, require_work_tree, run_git
from codesearch.languages import ParseLimits, parse
from codesearch.search.places import is_test
from codesearch.types import Kind, ParsedFile, Unit

_MOST_COMMITS = 2_000  # looked at
_MOST_FILES = 6
_MOST_UNITS = 5
_COMMITS_AT_ONCE = 50  # whose files are asked of git in one go
_SUBJECT = "\x01"  # begins the line of a subject
_NOTHING = "0" * 7  # begins the name of a file's text before it was added or once it is gone


@dataclass(frozen=True, slots=True)
class Repository:
    """Where the history of a root is: a work tree or git folder, and the root's folder in it."""

    place: Path
    folder: str = ""  # "": all of `place`
    revision: str = "HEAD"


@dataclass(frozen=True, slots=True)
class _Change:
    """A file in one commit: its path, and the names of its text before and after."""

    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class _Commit:
    text: str
    changes: tuple[_Change, ...]


def repository_of(root: Path) -> Repository | None:
    """The work tree that `root` is in; None if it is in none, or has no commit."""
    try:
        require_work_tree(root)
        run_git(root, "rev-parse", "--verify", "--quiet", "HEAD")
    except GitUnavailableError:
        return None
    return Repository(root)


def from_commits(
    found: Survey, history: Repository, most: int | None, tell: Tell
) -> list[Question]:
    """At most `most` questions, newest first. GitUnavailableError if git fails."""
    commits = list(_commits(history))
    said = Counter(commit.text.casefold() for commit in commits)
    commits = [one for one in commits if said[one.text.casefold()] == 1]
    questions: list[Question] = []
    for start in range(0, len(commits), _COMMITS_AT_ONCE):
        tell("reading the history", start, len(commits))
        some = commits[start : start + _COMMITS_AT_ONCE]
        texts = _texts(history, some, found)
        questions += [one for commit in some if (one := _question(found, commit, texts))]
        if most is not None and len(questions) >= most:
            break
    return questions[:most]


def _commits(history: Repository) -> Iterator[_Commit]:
    """Commits that say what they did and touch few files."""
    text = run_git(
        history.place,
        *("log", f"--max-count={_MOST_COMMITS}", "--no-merges", "--no-show-signature"),
        *("--raw", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-color"),
        f"--format={_SUBJECT}%s",
        f"--relative={history.folder}" if history.folder else "--relative",
        *("--end-of-options", history.revision, "--", history.folder or "."),
    ).decode("utf-8", errors="replace")
    for commit in text.split(f"\n{_SUBJECT}"):
        subject, *lines = commit.removeprefix(_SUBJECT).splitlines()
        changes = tuple(_changes(lines))
        said = change_of(subject)
        if said and 0 < len(changes) <= _MOST_FILES:
            yield _Commit(said, changes)


def _changes(lines: Iterable[str]) -> Iterator[_Change]:
    for line in lines:
        if line.startswith(":"):
            facts, _, path = line.partition("\t")
            _, _, before, after, _ = facts.split(" ")
            yield _Change(path, before, after)


def _texts(history: Repository, commits: Iterable[_Commit], found: Survey) -> Mapping[str, bytes]:
    """The texts of changed files that stand today, by their names in git."""
    wanted = {
        name
        for commit in commits
        for change in commit.changes
        if change.path in found.files and not is_test(change.path)
        for name in (change.before, change.after)
        if not name.startswith(_NOTHING)
    }
    names = "".join(f"{name}\n" for name in sorted(wanted))
    return dict(_objects(run_git(history.place, "cat-file", "--batch", stdin=names.encode())))


def _objects(output: bytes) -> Iterator[tuple[str, bytes]]:
    at = 0
    while at < len(output):
        end = output.index(b"\n", at)
        name, *facts = output[at:end].decode().split(" ")
        at = end + 1
        if len(facts) == 2:  # else it is missing here
            size = int(facts[1])
            yield name, output[at : at + size]
            at += size + 1


def _question(found: Survey, commit: _Commit, texts: Mapping[str, bytes]) -> Question | None:
    units = [unit for change in commit.changes for unit in _changed(change, texts, found.limits)]
    if not 0 < len(units) <= _MOST_UNITS:
        return None
    standing = [(unit, place) for unit in units for place in found.standing(unit.path, unit)]
    answers: frozenset[Place] = frozenset(place for _, place in standing)
    if not answers:
        return None
    first = standing[0][0]
    about = f"{first.path}: {first.qualified_name}"
    return Question(COMMITS, commit.text, first.language, answers, about)


def _changed(change: _Change, texts: Mapping[str, bytes], limits: ParseLimits) -> list[Unit]:
    """The innermost named units of a file whose text differs from before."""
    after = texts.get(change.after)
    if after is None:
        return []
    before = parse(change.path, texts.get(change.before, b""), limits)
    known = {_essence(unit) for unit in _named(before)}
    changed = [
        unit for unit in _named(parse(change.path, after, limits)) if _essence(unit) not in known
    ]
    return [one for one in changed if not any(_is_within(other, one) for other in changed)]


def _named(parsed: ParsedFile) -> Iterator[Unit]:
    return (unit for unit in parsed.units if unit.kind is not Kind.WINDOW)


def _essence(unit: Unit) -> tuple[str, ...]:
    return unit.kind.value, unit.qualified_name, "".join(unit.body.split())


def _is_within(one: Unit, other: Unit) -> bool:
    inside = (
        other.span.start_byte <= one.span.start_byte and one.span.end_byte <= other.span.end_byte
    )
    return inside and one.span != other.span
