"""Questions about whole files: what was written about them, and pairs from that."""

from __future__ import annotations

import random
import subprocess

import pytest

from codesearch.languages import parse
from training.about import About, commits, head, load_about
from training.batches import batches, false_negatives, load_groups
from training.files import file_pairs, files_of
from training.pairs import Pair

STREAMS = b'''
class LineReader:
    """Reads a stream in pieces that end with a line break."""

    def next_line(self):
        """The text up to the next break."""
        position = self.buffer.index(self.mark)
        return self.buffer[:position]

    def rest(self):
        remaining = self.buffer
        self.buffer = ""
        return remaining
'''
CLOCKS = b'''
def seconds_since(moment):
    """How long ago a moment was."""
    return now() - moment

def wait_until(moment):
    """Sleep for as long as a moment is still ahead."""
    while now() < moment:
        sleep(0.1)
'''
FILES = {"pkg/streams.py": STREAMS, "pkg/clocks.py": CLOCKS}


@pytest.fixture
def files():
    units = [unit for path, code in FILES.items() for unit in parse(path, code).units if unit.name]
    about = [
        About("pkg/clocks.py", "Telling and awaiting points in time. And more.", "file"),
        About("pkg/clocks.py", "Fix waiting for a moment gone by", "commit", ("wait_until",)),
    ]
    return files_of("pypi+sample", units, about)


def many(files):
    chance = random.Random(4)
    return [pair for _ in range(200) for pair in file_pairs(files, 4, chance)]


def test_every_source_asks_for_its_own_file(files):
    pairs = many(files)
    assert {pair.objective for pair in pairs} == {"file", "commit", "type", "path", "sibling"}
    assert {pair.place for pair in pairs if pair.objective in {"file", "commit"}} == {
        "pypi+sample:pkg/clocks.py"
    }
    assert {pair.place for pair in pairs if pair.objective == "type"} == {
        "pypi+sample:pkg/streams.py"
    }


def test_a_commit_asks_for_what_it_changed(files):
    changed = {pair.document for pair in many(files) if pair.objective == "commit"}
    assert all(text.startswith("wait until") for text in changed)


def test_a_type_is_asked_for_without_the_sentence_that_asks(files):
    answers = [pair.document for pair in many(files) if pair.objective == "type"]
    headers = [text for text in answers if text.startswith("line reader")]
    assert headers
    assert not any("pieces that end" in text for text in headers)
    assert any(text.startswith("next line") for text in answers)


def test_units_of_the_file_that_is_meant_are_no_negatives():
    pairs = [
        Pair("about time", "one two three", "file", "a"),
        Pair("about clocks", "four five six", "file", "a"),
        Pair("about streams", "seven eight nine", "file", "b"),
    ]
    assert false_negatives(pairs) == [(0, 1)]


def test_batches_of_files_are_drawn(corpus):
    stream = batches(load_groups(corpus), 7, 8)
    placed = [any(pair.place for pair in next(stream)) for _ in range(12)]
    assert 0 < sum(placed) < 12


@pytest.mark.parametrize(
    "text",
    [
        '# Copyright 2001 Somebody\n\n"""Reads and writes the tables of a book."""\nimport os\n',
        "// Copyright 2001 Somebody\n\n// Reads and writes the tables of a book.\npackage book\n",
        "/* Licence: below */\n#include <a.h>\n/*\n * Reads and writes the tables of a book.\n */",
        "<?php\nnamespace Book;\n\n/**\n * Reads and writes the tables of a book.\n */\nclass A {}",
        "//! Reads and writes the tables of a book.\n\nuse std::fs;\n",
    ],
)
def test_a_file_is_described_by_its_first_comment_that_is_not_legal(text):
    assert head(text) == "Reads and writes the tables of a book."


def test_a_file_without_a_comment_has_no_description():
    assert head("import os\n\ndef read():\n    pass\n") == ""
    assert head("# Copyright 2001 Somebody, with all rights reserved\nimport os\n") == ""


@pytest.fixture
def mirror(tmp_path):
    def git(*arguments):
        name = ("-c", "user.name=a", "-c", "user.email=a@b.invalid")
        subprocess.run(["git", *name, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-q")
    for subject, count in (("Read tables row by row", 1), ("Move everything about once", 4)):
        for number in range(count):
            (tmp_path / f"{number}.py").write_text(f"# {subject}\ndef load_rows():\n    pass\n")
        git("add", ".")
        git("commit", "-q", "-m", subject)
    return tmp_path / ".git"


def test_commits_of_few_files_tell_what_changed(mirror):
    (found,) = commits(mirror)
    assert (found.path, found.text) == ("0.py", "Read tables row by row")
    assert "load_rows" in found.names


def test_what_was_said_of_files_is_collected(corpus):
    found = load_about(corpus, "pypi+sample")
    assert any(one.source == "file" and one.path.endswith("encoder/text.py") for one in found)
    assert load_about(corpus, "pypi+unknown") == []
