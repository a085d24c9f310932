"""From pairs to a folder that the package can load."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file

from codesearch.encoder import load_encoder, load_query_encoder
from codesearch.encoder.change import read_changes
from codesearch.settings import EncoderSettings
from tests.training.conftest import ROOT
from training.change import export_change
from training.evaluate import documentation_search, throughput, web_search
from training.export import export
from training.options import Options
from training.pairs import from_record
from training.poj import mean_precision, programs
from training.report import table
from training.train import train


@pytest.fixture(scope="module")
def options(corpus, base):
    return Options(
        base=base, data=corpus, out=corpus / "whole", steps=6, minutes=5, rate=1e-3, log_every=1,
        max_tokens=64, chunk=4, threads=1,
    )  # fmt: skip


@pytest.fixture(scope="module")
def trained(options):
    return train(options)


def metrics(run):
    rows = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    return [row["loss"] for row in rows if "loss" in row]


def test_a_run_is_logged_with_its_data_and_settings(trained, options):
    first = json.loads((options.out / "log.jsonl").read_text().splitlines()[0])
    assert first["options"]["seed"] == "1"
    assert first["data"]["documented"]["python"] > 50
    assert len(metrics(options.out)) == 6


def test_the_same_run_gives_the_same_metrics(trained, options, corpus):
    train(replace(options, out=corpus / "again"))
    assert metrics(corpus / "again") == pytest.approx(metrics(options.out), rel=1e-3)


def test_a_run_goes_on_where_it_stopped(trained, options, corpus):
    train(replace(options, out=corpus / "parts", steps=3))
    train(replace(options, out=corpus / "parts", steps=6))
    rows = (corpus / "parts" / "log.jsonl").read_text().splitlines()
    headings = [json.loads(row) for row in rows if "from_step" in row]
    assert [heading["from_step"] for heading in headings] == [0, 3]


def test_gradient_caching_learns_the_same(trained, options, corpus):
    train(replace(options, out=corpus / "cached", cached=True))
    assert metrics(corpus / "cached") == pytest.approx(metrics(options.out), rel=0.05)


def test_the_exported_folder_loads_with_and_without_torch(trained, base, tmp_path):
    sums = export(base, trained, tmp_path / "encoder", share=0.5)
    assert "model.safetensors" in sums
    settings = EncoderSettings(name=str(tmp_path / "encoder"), device="cpu")
    texts = ["read the rows of a table", "close"]
    heavy = load_encoder(settings).encode_queries(texts)
    light = load_query_encoder(settings).encode_queries(texts)
    assert np.sum(heavy * light, axis=1).min() > 0.999


def test_a_low_rank_run_makes_the_file_that_is_shipped(trained, options, base, corpus, tmp_path):
    """Its factors, as whole numbers, are what the run changed in the weights; nothing else is."""
    run = corpus / "thin"
    train(replace(options, out=run, rank=2, rate=1e-2, steps=3))
    model = train(replace(options, out=run, rank=2, rate=1e-2))  # goes on where it stopped
    export_change(run, tmp_path / "change.safetensors")
    export_change(run, tmp_path / "half.safetensors", share=0.5)
    changes, halves = (read_changes(tmp_path / f"{one}.safetensors") for one in ("change", "half"))
    old, new = (load_file(folder / "model.safetensors") for folder in (base, model))
    for name in new:
        moved = new[name] - old[name]
        change = changes.get(name.removesuffix(".weight"))
        if change is None:
            assert not moved.any()
        else:
            assert moved.any()
            assert np.allclose(change.whole, moved, atol=0.03 * np.abs(moved).max())
            assert np.allclose(halves[name.removesuffix(".weight")].whole, change.whole / 2)


def test_a_batch_that_asks_by_code_alone_keeps_nothing(options, corpus):
    data = corpus / "by-code"
    data.mkdir()
    rows = [[f"def a{n}(x): y", f"def b{n}(x): y", "override", str(n)] for n in range(8)]
    with gzip.open(data / "batches.jsonl.gz", "wt") as stream:
        stream.write(json.dumps(rows) + "\n")
    (data / "drawn.json").write_text(json.dumps({"batches": 1}))
    train(replace(options, data=data, out=data / "run", steps=2))
    assert len(metrics(data / "run")) == 2


def test_a_low_rank_run_goes_on_from_another_one(options, base, corpus):
    first = replace(options, out=corpus / "thin1", rank=2, rate=1e-2, steps=2)
    again = replace(first, out=corpus / "thin2", start=first.out, rate=0.0)
    old, new = (load_file(train(one) / "model.safetensors") for one in (first, again))
    assert all(np.allclose(old[name], new[name], atol=1e-6) for name in new)


def test_a_share_of_nothing_is_the_base(trained, base, tmp_path):
    export(base, trained, tmp_path / "same", share=0.0)
    old, new = (load_file(folder / "model.safetensors") for folder in (base, tmp_path / "same"))
    assert all(np.allclose(old[name], new[name], atol=1e-3) for name in new)


def test_evaluation_puts_encoders_side_by_side(corpus, fake_encoder):
    records = [
        {"path": "a.py", "language": "python", "kind": "function", "name": name,
         "qualified_name": name, "documentation": text, "body": f"def {name}(): {name}"}
        for name, text in (("read_rows", "How to read rows"), ("close_file", "How to close file"))
    ]  # fmt: skip
    units = [from_record(record) for record in records]
    found = documentation_search(fake_encoder, {("python", "a"): units})
    assert found["doc python MRR"] == 1.0
    assert web_search(fake_encoder, [("read rows", 0)], [record["body"] for record in records]) == 1
    assert "| doc python MRR | 1.000 |" in table({"one": found})
    assert throughput([], corpus) == {}


def test_the_mean_precision_of_programs_is_that_of_the_others_of_their_kind():
    vectors = np.array([[1, 0], [0.96, 0.28], [0.28, 0.96], [0, 1]], dtype=np.float32)
    assert mean_precision(vectors, np.array([1, 1, 2, 2])) == 1.0
    assert mean_precision(vectors, np.array([1, 2, 2, 1])) == 0.0


def test_without_a_mirror_there_are_no_programs(tmp_path):
    assert programs(tmp_path) == []


@pytest.fixture
def fake_encoder(monkeypatch):
    monkeypatch.setenv("CODESEARCH_TEST", "1")
    return load_encoder(EncoderSettings(name="fake"))


def test_the_command_line_tells_its_steps():
    command = [sys.executable, "-m", "training", "--help"]
    text = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    for step in ("harvest", "about", "tested", "draw", "train", "export", "change", "evaluate"):
        assert step in text
