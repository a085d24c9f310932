"""What was written about whole files: their leading comments, and the commits that changed them."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from codesearch.evaluation.questions import change_of
from training.documentation import first_sentence
from training.sources import count_in_each, open_package, packages

_MOST_COMMITS = 2_000  # looked at, of one repository
_MOST_FILES = 3  # that one commit changes
_MOST_PATCH = 20_000  # characters of a commit that are read for names
_MOST_NAMES = 60
_SUBJECT = "\x01"  # begins the line of a subject
_HEAD = 3_000  # characters of a file


@dataclass(frozen=True, slots=True)
class About:
    """Something said about a file; `names` are the words of what changed, none for a comment."""

    path: str
    text: str
    source: str  # "file" or "commit"
    names: tuple[str, ...] = ()


def collect(downloads: Path, mirrors: Path, data: Path, *, jobs: int = 2) -> Counter[str]:
    """Write `data/about/PACKAGE.jsonl.gz` for what was harvested; return the number by source."""
    (data / "about").mkdir(exist_ok=True)
    return count_in_each(_package, packages(downloads, mirrors), data, jobs)


def load_about(data: Path, package: str) -> list[About]:
    """What `collect` found for `package`, named as its file of units; nothing if it did not run."""
    path = data / "about" / f"{package}.jsonl.gz"
    if not path.is_file():
        return []
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    return [About(**{**row, "names": tuple(row["names"])}) for row in rows]


def _package(registry: str, name: str, place: Path, data: Path) -> Counter[str]:
    package = f"{registry}+{name.replace('/', '+')}"
    units = data / "units" / f"{package}.jsonl.gz"
    if not units.is_file():
        return Counter()
    with gzip.open(units, "rt", encoding="utf-8") as stream:
        paths = {json.loads(line)["path"] for line in stream}
    found = list(_heads(open_package(registry, name, place).read, paths))
    if registry == "git":
        found += [one for one in commits(place) if one.path in paths]
    with gzip.open(data / "about" / units.name, "wt", encoding="utf-8") as stream:
        stream.writelines(json.dumps(asdict(one)) + "\n" for one in found)
    return Counter(one.source for one in found)


def _heads(read: object, paths: set[str]) -> Iterator[About]:
    """The leading comments of files, where they say something of one file alone."""
    assert callable(read)
    heads = {path: head(read(path).decode("utf-8", "replace")) for path in sorted(paths)}
    said = Counter(first_sentence(text) for text in heads.values())
    for path, text in heads.items():
        if said[first_sentence(text)] == 1 and first_sentence(text):
            yield About(path, text, "file")


_BLOCKS = re.compile(
    r"(?P<long>/\*.*?\*/|\{-.*?-\}|\(\*.*?\*\)|\"\"\".*?\"\"\"|'''.*?'''|<\?php|#=.*?=#)|"
    r"(?P<lines>(?:[ \t]*(?://|#(?!include|define|if|pragma|import)|--|;;)[^\n]*\n)+)",
    re.DOTALL,
)
_BETWEEN = re.compile(
    r"\s*(?:(?:#\S?(?:include|pragma|ifndef|define|import)|package|import|use|using|from|open|"
    r"namespace|declare|@moduledoc|defmodule|module|'use strict'|\"use strict\")[^\n]*\n\s*)*"
)
_LEGAL = re.compile(r"copyright|licen[cs]e|spdx|all rights|warrant|\(c\)", re.IGNORECASE)
_MARKS = re.compile(
    r"^[ \t]*(?:/\*+!?|\*+/|\*|//[/!]*|#+!?|--+ ?\|?|;;+|\{-\|?|\(\*+)[ \t]?|(?:\*+/|-\}|\*\))\s*$|"
    r"\"\"\"|'''|@file\S*|\\file\S*|@(?:brief|module|overview|fileoverview)",
    re.MULTILINE,
)


def head(text: str) -> str:
    """The first comment of a file that is not about its licence, without comment marks, or ""."""
    text, at = text[:_HEAD], 0
    for _ in range(6):
        between = _BETWEEN.match(text, at)
        block = _BLOCKS.match(text, between.end() if between else at)
        if block is None:
            return ""
        at = block.end()
        plain = _MARKS.sub("", block.group()).strip()
        if first_sentence(plain) and not _LEGAL.search(plain):
            return plain[:600]
    return ""


def commits(place: Path) -> Iterator[About]:
    """What commits with a plain subject did to each of their few files."""
    command = (
        *("git", f"--git-dir={place}", "log", f"--max-count={_MOST_COMMITS}", "--no-merges"),
        *("-U0", "--no-renames", "--no-ext-diff", "--no-color", f"--format={_SUBJECT}%s", "HEAD"),
    )
    # A mirror may lack old objects: what was told before git noticed is used.
    output = subprocess.run(command, capture_output=True, check=False).stdout
    said: set[str] = set()
    for commit in output.decode("utf-8", "replace").split(f"\n{_SUBJECT}"):
        subject, _, patch = commit.removeprefix(_SUBJECT).partition("\n")
        text = change_of(subject)
        files = re.split(r"^diff --git ", patch, flags=re.MULTILINE)[1:]
        if text and text not in said and 0 < len(files) <= _MOST_FILES:
            said.add(text)
            yield from (_changed(text, file) for file in files)


def _changed(text: str, patch: str) -> About:
    """`patch` is that of one file, from after `diff --git `."""
    path = patch.partition("\n")[0].rpartition(" b/")[2]
    words = re.findall(r"\w{3,}", patch.partition("\n@@")[2][:_MOST_PATCH])
    return About(path, text, "commit", tuple(dict.fromkeys(words))[:_MOST_NAMES])
