from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import codesearch
from codesearch.errors import EncoderError, UsageError
from codesearch.types import Kind, Phase, SearchResult
from tests.search.conftest import FAKE, build, write


def test_importing_is_light() -> None:
    program = (
        "import codesearch, sys; codesearch.open; import codesearch.search; "
        "print(*{'torch', 'transformers', 'lancedb', 'pyarrow', 'pygls'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("", "")


def test_what_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        _ = codesearch.nothing
    for name in codesearch.__all__:
        assert getattr(codesearch, name)


def test_open_brings_the_index_up_to_date(repository: Path) -> None:
    with codesearch.open(repository, FAKE) as index:
        assert index.search("token bucket").hits[0].name == "TokenBucket"
        assert index.status().complete
        write(repository, "lamp.py", "def light_the_lantern():\n    return 1\n")
        assert index.refresh().phase is Phase.READY
        assert index.search("light_the_lantern").hits[0].path == "lamp.py"


def test_open_without_update_answers_from_what_is_there(repository: Path) -> None:
    with codesearch.open(repository, FAKE, update=False) as index:
        assert index.search("token bucket").notes
        build(repository)
        assert index.search("token bucket").hits


def test_filters_are_arguments(repository: Path) -> None:
    build(repository)
    with codesearch.open(str(repository), FAKE, update=False) as index:
        [hit] = index.search("token", kinds=["method"], languages=["go"], limit=1).hits
        assert (hit.name, hit.kind) == ("Take", Kind.METHOD)
        assert not index.search("token", paths=["web"], exclude_paths=["web/src"]).hits
        with pytest.raises(UsageError, match="verb"):
            index.search("token", kinds=["verb"])


def test_similar_counts_lines_from_one(repository: Path) -> None:
    build(repository)
    line = (repository / "web/src/config.js").read_text().splitlines().index("  const result = {};")
    with codesearch.open(repository, FAKE, update=False) as index:
        for target in ("web/src/config.js", repository / "web/src/config.js"):
            assert index.similar(target, line + 1, limit=1).hits[0].name == "parse_config"
        code = "def split(text):\n    return [line.split('=') for line in text.splitlines()]\n"
        assert index.similar(text=code, language="python").hits
        with pytest.raises(UsageError, match="outside"):
            index.similar("../elsewhere.py")


def test_a_file_is_no_repository(repository: Path) -> None:
    with pytest.raises(UsageError):
        codesearch.open(repository / "net/client.py")


def test_an_encoder_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = codesearch.load_encoder("fake")
    for encode in (encoder.encode_queries, encoder.encode_documents):
        vectors = encode(["one text", "another"])
        assert vectors.shape == (2, encoder.info.dimension)
        assert vectors.dtype == np.float32
        assert np.linalg.norm(vectors, axis=1) == pytest.approx([1.0, 1.0])
    with pytest.raises(EncoderError):
        codesearch.load_encoder("/no/such/folder")


def test_an_answer_reads_like_its_hits() -> None:
    result = SearchResult(hits=(), units=0, encoded=0)
    assert list(result) == []
    assert len(result) == 0
    with pytest.raises(IndexError):
        result[0]
