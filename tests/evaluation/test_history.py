"""Commits as questions."""

from __future__ import annotations

from pathlib import Path

from codesearch.evaluation.history import Repository, from_commits, repository_of
from codesearch.evaluation.survey import survey
from codesearch.settings import IndexingSettings
from tests.evaluation.conftest import CLIENT, Git


def silent(what: str, done: int, total: int) -> None:
    """Nobody listens."""


def asked(root: Path, most: int | None = None, folder: str = "") -> dict[str, set[str]]:
    """Subject -> what the innermost changed units are, as "path start"."""
    found = survey(root / folder if folder else root, IndexingSettings(), silent)
    names = {place: key[2] for key, places in found.named.items() for place in places}
    history = Repository(root, folder) if folder else repository_of(root)
    assert history is not None
    questions = from_commits(found, history, most, silent)
    return {one.text: {names[place] for place in one.answers} for one in questions}


def test_a_commit_asks_for_the_function_it_changed(git: Git) -> None:
    git.commit("First parcels of this young service", {"a.py": "x = 1\n"})
    git.commit("Add a client for the parcels", {"net/client.py": CLIENT})
    changed = CLIENT.replace("parcel.weight + parcel.paper", "parcel.weight")
    git.commit("fix(net): do not weigh the paper (#7)", {"net/client.py": changed})
    assert asked(git.root) == {
        "do not weigh the paper": {"Client.weigh"},
        "Add a client for the parcels": {"Client.send", "Client.weigh", "stamp_price"},
    }
    assert list(asked(git.root, 1)) == ["do not weigh the paper"]
    assert asked(git.root, folder="net")["do not weigh the paper"] == {"Client.weigh"}


def test_commits_that_ask_for_nothing(git: Git) -> None:
    git.commit("Add a client for the parcels", {"client.py": CLIENT})
    git.commit("Set every line off by two blanks", {"client.py": CLIENT.replace("    ", "  ")})
    many = {f"f{n}.py": "def f():\n    return 1\n" for n in range(7)}
    git.commit("Add seven files at once to everything", many)
    units = "\n".join(f"def g{n}():\n    return 1\n" for n in range(6))
    git.commit("Add six functions at once to one file", {"g.py": units})
    git.commit(
        "Test the client of parcels better", {"tests/test_a.py": "def test_a():\n    pass\n"}
    )
    git.commit("Say the same thing twice here", {"f0.py": "def f():\n    return 2\n"})
    git.commit("Say the same thing twice here", {"f0.py": "def f():\n    return 3\n"})
    git.commit("Rename the only function of a file", {"f1.py": "def h():\n    return 1\n"})
    git.commit("Rename it back to something else", {"f1.py": "def i():\n    return 1\n"})
    assert list(asked(git.root)) == [
        "Rename it back to something else",
        "Add a client for the parcels",
    ]


def test_no_history(tmp_path: Path, git: Git) -> None:
    assert repository_of(tmp_path) is None
    assert repository_of(git.root) is None  # no commit
