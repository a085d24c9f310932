"""A small repository in three languages, and an index of it made by the real parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from codesearch.encoder import describe, load_encoder
from codesearch.encoder.text import document_texts
from codesearch.languages import parse
from codesearch.search import Searcher
from codesearch.settings import EncoderSettings, Settings
from codesearch.store import Index, IndexedUnit

FAKE = Settings(encoder=EncoderSettings(name="fake"))

FILES = {
    "net/client.py": '''\
"""Talking to the parcel service."""

import time


class HttpClient:
    """Sends requests to one host."""

    def __init__(self, host):
        self.host = host

    def send(self, request, attempts=5):
        """Send again after a failure, waiting twice as long each time."""
        pause = 0.1
        for _ in range(attempts):
            try:
                return self.transport.deliver(request)
            except ConnectionError:
                time.sleep(pause)
                pause *= 2
        raise ConnectionError(self.host)


class Mailer:
    def send(self, message):
        """Post a letter to its reader."""
        self.outbox.append(message)


def parse_config(text):
    """Read settings from lines of key and value."""
    pairs = [line.split("=", 1) for line in text.splitlines()]
    return {key.strip(): value.strip() for key, value in pairs}
''',
    "web/src/config.js": """\
// Reads the settings of the page.
export function parseConfig(source) {
  const result = {};
  for (const line of source.split("\\n")) {
    const [key, value] = line.split("=");
    result[key.trim()] = value.trim();
  }
  return result;
}

export const debounce = (callback, delay) => {
  let timer = null;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => callback(...args), delay);
  };
};
""",
    "limiter/bucket.go": """\
package limiter

// TokenBucket limits how often something may happen.
type TokenBucket struct {
	tokens float64
	rate   float64
}

// Take removes one token if there is one.
func (b *TokenBucket) Take() bool {
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
""",
    "tests/test_client.py": """\
from net.client import HttpClient, parse_config


def test_send_again_after_failure_waits_twice_as_long():
    client = HttpClient("example")
    assert client.send("request", attempts=1)


def test_parse_config():
    assert parse_config("a = b") == {"a": "b"}
""",
    "vendor/client.py": '''\
class HttpClient:
    """Sends requests to one host."""

    def send(self, request):
        return request
''',
    "docs/notes.md": "# Notes\n\nThe token bucket refills by itself.\nAsk parse_config first.\n",
}


@pytest.fixture(autouse=True)
def fake_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let settings name the test encoder."""
    monkeypatch.setenv("CODESEARCH_TEST", "1")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "parcels"
    for path, text in FILES.items():
        write(root, path, text)
    return root


def write(root: Path, path: str, text: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def build(root: Path, settings: Settings = FAKE, *, encode: bool = True) -> None:
    """Index every file of `root`, with or without vectors."""
    info, encoder = describe(settings.encoder), load_encoder(settings.encoder)
    files = {}
    for file in sorted(root.rglob("*")):
        if file.is_file():
            path = file.relative_to(root).as_posix()
            files[path] = []
            for unit in parse(path, file.read_bytes()).units:
                texts = document_texts(unit, info.max_tokens)
                rows = encoder.encode_documents(texts) if encode else [None] * len(texts)
                files[path].append(IndexedUnit(unit, tuple(rows)))
    index = Index.open(root, fingerprint=info.fingerprint, dimension=info.dimension, writable=True)
    index.replace_files(files)
    index.close()


@pytest.fixture
def searcher_of() -> Iterator[Callable[..., Searcher]]:
    """Makes searchers, their encoder loaded unless told otherwise, and closes them."""
    made: list[Searcher] = []

    def make(root: Path, *, settings: Settings = FAKE, loaded: bool = True) -> Searcher:
        made.append(Searcher(root, settings))
        if loaded:
            made[-1].encoder.get(wait=True)
        return made[-1]

    yield make
    for searcher in made:
        searcher.close()


@pytest.fixture
def searcher(repository: Path, searcher_of: Callable[..., Searcher]) -> Searcher:
    """A searcher of the indexed repository with its encoder loaded."""
    build(repository)
    return searcher_of(repository)
