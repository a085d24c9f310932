"""Branches and stashes in a running server: the search follows, and encodes only what is new."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.server.client import Server

MAIN = "def main_only():\n    return 1\n"
TOPIC = "def topic_only():\n    return 2\n"


def git(root: Path, *arguments: str) -> None:
    identity = [
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@localhost",
        "-c",
        "init.defaultBranch=main",
    ]
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True)


def found(server: Server, present: str, absent: str) -> int:
    """Wait until the files are as on the disk; returns how many texts were ever encoded."""
    server.wait_hit(present, lambda hit: hit["name"] == present)
    encoded: int = server.wait_ready()["roots"][0]["textsEncoded"]
    assert absent not in [hit["name"] for hit in server.search(absent)]
    return encoded


def test_branches_and_stashes(server: Server, workspace: Path) -> None:
    changing = workspace / "changing.py"
    git(workspace, "init")
    changing.write_text(MAIN)
    git(workspace, "add", ".")
    git(workspace, "commit", "-m", "main")
    git(workspace, "checkout", "-b", "topic")
    changing.write_text(TOPIC)
    git(workspace, "commit", "-am", "topic")

    server.open(workspace)
    both = found(server, "topic_only", "main_only")
    git(workspace, "checkout", "main")
    assert found(server, "main_only", "topic_only") == both + 1
    git(workspace, "checkout", "topic")
    assert found(server, "topic_only", "main_only") == both + 1

    changing.write_text(TOPIC.replace("topic_only", "stashed_only"))
    assert found(server, "stashed_only", "topic_only") == both + 2
    git(workspace, "stash")
    assert found(server, "topic_only", "stashed_only") == both + 2
    git(workspace, "stash", "pop")
    assert found(server, "stashed_only", "topic_only") == both + 2
