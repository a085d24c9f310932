"""A small repository with a history, and the test encoder."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from codesearch.settings import EncoderSettings, Settings

FAKE = Settings(encoder=EncoderSettings(name="fake"))

CLIENT = '''\
"""Talking to the parcel service."""


class Client:
    """Sends parcels to one address after another."""

    def send(self, parcel):
        """Deliver a parcel, waiting twice as long after each failure."""
        return self.transport.deliver(parcel)

    def weigh(self, parcel):
        """Tell how heavy a parcel is together with its paper."""
        return parcel.weight + parcel.paper


def stamp_price(weight):
    """Compute what a stamp costs for so many grams."""
    return 80 if weight < 20 else 95
'''

BUCKET = """\
package limiter

// Take removes one token if there is any left.
func (b *Bucket) Take() bool {
	return b.tokens > 0
}
"""


class Git:
    """Commits files into a repository."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._run("init", "-q")

    def commit(self, subject: str, files: dict[str, str]) -> None:
        for path, text in files.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(text)
        self._run("add", "-A")
        self._run("commit", "-q", "--allow-empty", "-m", subject)

    def _run(self, *arguments: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")
        environment = {key: one for key, one in os.environ.items() if not key.startswith("GIT_")}
        subprocess.run(
            ["git", *who, *arguments], cwd=self.root, check=True, env=environment, timeout=60
        )


@pytest.fixture(autouse=True)
def fake_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let settings name the test encoder."""
    monkeypatch.setenv("CODESEARCH_TEST", "1")


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """A repository without any commit."""
    root = tmp_path / "parcels"
    root.mkdir()
    return Git(root)


@pytest.fixture
def parcels(git: Git) -> Path:
    """Two languages, five documented units, and one commit that changed a function."""
    before = CLIENT.replace("80 if weight < 20 else 95", "80")
    git.commit("First parcels of this young service", {"net/client.py": before})
    git.commit("Ignore what builds leave behind", {".gitignore": "*.go\n", "limiter/a.go": BUCKET})
    (git.root / ".gitignore").write_text("*.o\n")
    git.commit("Track the limiter of tokens", {"limiter/bucket.go": BUCKET})
    git.commit("feat: charge more for heavy letters (#3)", {"net/client.py": CLIENT})
    (git.root / ".gitignore").write_text("*.go\n")  # tracked all the same
    return git.root
