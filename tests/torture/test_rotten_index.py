"""Bytes changed in every file of an index in turn: the next writer rebuilds, or nothing differs."""

from __future__ import annotations

import random
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from codesearch.paths import index_home
from codesearch.store import Index
from tests.store.units import indexed, open_index, unit, vector_of
from tests.torture.scale import SCALE, SECONDS, SEED

_FILES_TRIED = 25 * SCALE

pytestmark = pytest.mark.timeout(SECONDS)


def test_no_file_that_rotted_gives_a_wrong_answer(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    with closing(open_index(root, writable=True)) as index:
        for n in range(12):
            path = f"{n % 5}.py"
            unit_of = unit(path, f"name_{n}", body=f"alpha beta {n}")
            index.replace_files({path: [indexed(unit_of, vector_of(str(n)))]})
        index.maintain(force=True)
        index.replace_files({"0.py": [indexed(unit("0.py", "last"), vector_of("last"))]})
        truth = answers(index)
    home = index_home(root)
    sound = shutil.copytree(home, tmp_path / "sound")
    files = [file for file in sorted(sound.rglob("*")) if file.is_file()]
    chosen = random.Random(SEED)
    for _ in range(_FILES_TRIED):
        file = chosen.choice(files).relative_to(sound)
        shutil.rmtree(home)
        shutil.copytree(sound, home)
        done = spoil(home / file, chosen)
        with closing(open_index(root, writable=True)) as index:
            if index.counts().units:
                assert answers(index) == truth, (file, done)


def answers(index: Index) -> Any:
    """What every kind of question is answered."""
    units = [one for path in index.paths() for one in index.units_at(path)]
    vectors = index.vectors_of([one.id for one in units])
    return (
        units,
        {one: vector.tobytes() for one, vector in vectors.items()},
        [(found.unit, round(found.score, 4)) for found in index.search_words(["alpha"], 50)],
        [(found.unit, round(found.score, 4)) for found in index.search_vectors(vector_of("3"), 5)],
        [found.unit for found in index.find_names("name_11", 5)],
    )


def spoil(file: Path, chosen: random.Random) -> str:
    """Change one bit, zero half a kilobyte, or cut the rest off; returns what was done."""
    data = bytearray(file.read_bytes())
    how = chosen.choice(("flip", "zero", "cut"))
    at = chosen.randrange(max(1, len(data)))
    if how == "flip" and data:
        data[at] ^= 1 << chosen.randrange(8)
    elif how == "zero":
        data[at : at + 512] = bytes(len(data[at : at + 512]))
    else:
        del data[at:]
    file.write_bytes(data)
    return f"{how} at {at}"
