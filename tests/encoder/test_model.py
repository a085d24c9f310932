"""Loaded encoders: the packaged one against a reference, tiny ones for every variant."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest
import torch
import transformers
from safetensors.torch import save_file

from codesearch.encoder import Encoder, describe, load_encoder
from codesearch.encoder.locate import BASE_NAME
from codesearch.encoder.model import TransformerEncoder, batches
from codesearch.encoder.rows import unit_rows
from codesearch.encoder.text import document_texts
from codesearch.errors import EncoderError, SearchCancelledError
from codesearch.settings import EncoderSettings
from codesearch.types import Kind, Span, Unit

Make = Callable[..., Path]

TEXTS = [
    "read the file",
    "",
    "def parse(source: bytes) -> Tree: return Parser().parse(source)",
    "search " * 400,
    "Wörter in anderen Sprachen: 漢字, кириллица",
    "is",
]


def load(folder: Path, **changes: object) -> Encoder:
    return load_encoder(replace(EncoderSettings(name=str(folder), threads=2), **changes))


def assert_unit(vectors: np.ndarray, shape: tuple[int, int]) -> None:
    assert vectors.shape == shape
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def reference(folder: Path, texts: list[str], pooling: str, window: int) -> np.ndarray:
    """One text at a time, in float32, by the book."""
    model = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    rows = []
    for text in texts:
        tokens = tokenizer(text, truncation=True, max_length=window, return_tensors="pt")
        with torch.no_grad():
            hidden = model(**tokens).last_hidden_state[0]
        row = {"mean": hidden.mean(dim=0), "cls": hidden[0], "last": hidden[-1]}[pooling]
        rows.append((row / row.norm()).numpy())
    return np.stack(rows)


def cosines(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    return (one * two).sum(axis=1)


def test_the_base_is_what_sentence_transformers_makes():
    from sentence_transformers import SentenceTransformer

    base = load_encoder(EncoderSettings(name=BASE_NAME))
    expected = SentenceTransformer(str(base.info.folder), device="cpu").encode(
        TEXTS, normalize_embeddings=True
    )
    vectors = base.encode_documents(TEXTS)
    assert_unit(vectors, (len(TEXTS), 384))
    assert cosines(vectors, expected).min() >= 0.999


def test_meaning_is_found(packaged: Encoder):
    bodies = [
        "def load(path):\n    with open(path) as file:\n        return json.load(file)",
        "def connect(host, port):\n    sock = socket.socket()\n    sock.connect((host, port))",
        "def mean(values):\n    return sum(values) / len(values)",
    ]
    here = Span(0, 0, 0, 0)
    units = [
        Unit("a.py", "python", Kind.FUNCTION, "f", "f", "", "", body, here, here, "")
        for body in bodies
    ]
    texts = [text for unit in units for text in document_texts(unit, packaged.info.max_tokens)]
    queries = packaged.encode_queries(
        ["read settings from disk", "open a network connection", "average of numbers"]
    )
    assert (queries @ packaged.encode_documents(texts).T).argmax(axis=1).tolist() == [0, 1, 2]


def test_nothing_to_encode(packaged: Encoder):
    assert packaged.encode_documents([]).shape == (0, 384)
    assert packaged.encode_queries([]).shape == (0, 384)


def test_order_does_not_depend_on_batches(tiny_model: Path):
    texts = ["code " * (n * 7 % 30) + "file " * (n % 3) for n in range(60)]
    small = load(tiny_model, batch_tokens=64).encode_documents(texts)
    alone = load(tiny_model, batch_tokens=1).encode_documents(texts)
    assert_unit(small, (60, 32))
    assert cosines(small, alone).min() >= 0.999


def test_batches_are_bounded_and_complete():
    lengths = [5, 1, 9, 3, 3, 30, 2]
    groups = list(batches(lengths, 12))
    assert sorted(index for group in groups for index in group) == list(range(len(lengths)))
    assert groups[0] == [5], "longer than a batch: alone"
    for group in groups[1:]:
        assert max(lengths[index] for index in group) * len(group) <= 12
    assert list(batches([], 12)) == []


def test_stop_ends_between_batches(tiny_model: Path):
    encoder = load(tiny_model)
    stop = Event()
    assert len(encoder.encode_documents(TEXTS, stop)) == len(TEXTS)
    stop.set()
    with pytest.raises(SearchCancelledError):
        encoder.encode_documents(TEXTS, stop)


def test_threads_may_share_an_encoder(tiny_model: Path):
    encoder = load(tiny_model)
    expected = encoder.encode_documents(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        for vectors in pool.map(lambda _: encoder.encode_documents(TEXTS), range(20)):
            assert cosines(vectors, expected).min() >= 0.999


@pytest.mark.parametrize("pooling", ["mean", "cls", "last"])
def test_pooling(tiny_model: Path, pooling: str):
    vectors = load(tiny_model, pooling=pooling).encode_documents(TEXTS)
    assert cosines(vectors, reference(tiny_model, TEXTS, pooling, 48)).min() >= 0.99


def test_prefixes(tiny_model: Path):
    plain = load(tiny_model)
    prefixed = load(tiny_model, query_prefix="query: ", document_prefix="code: ")
    queries, documents = prefixed.encode_queries(["file"]), prefixed.encode_documents(["file"])
    assert cosines(queries, plain.encode_documents(["query: file"]))[0] >= 0.999
    assert cosines(documents, plain.encode_documents(["code: file"]))[0] >= 0.999
    assert cosines(queries, documents)[0] < 0.999


def test_prefix_may_be_left_out_of_the_mean(make_folder: Make):
    folder = make_folder(**{"1_Pooling/config.json": {"include_prompt": False}})
    prefixed = load(folder, document_prefix="query: ").encode_documents(["read file"])
    model = transformers.AutoModel.from_pretrained(folder).eval()
    tokens = transformers.AutoTokenizer.from_pretrained(folder)(
        "query: read file", return_tensors="pt"
    )
    with torch.no_grad():
        row = model(**tokens).last_hidden_state[0, 3:].mean(dim=0).numpy()  # [CLS] query :
    assert cosines(prefixed, unit_rows(row[None]))[0] >= 0.99


def test_truncated_vectors_have_unit_length(tiny_model: Path):
    whole = load(tiny_model).encode_documents(TEXTS)
    cut = load(tiny_model, dimension=8).encode_documents(TEXTS)
    assert_unit(cut, (len(TEXTS), 8))
    assert cosines(cut, unit_rows(whole[:, :8])).min() >= 0.999


def test_dense_layer(make_folder: Make):
    modules = [
        {"type": "sentence_transformers.models.Transformer", "path": ""},
        {"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"},
        {"type": "sentence_transformers.models.Dense", "path": "2_Dense"},
        {"type": "sentence_transformers.models.Normalize", "path": "3_Normalize"},
    ]
    dense = {"out_features": 5, "activation_function": "torch.nn.modules.activation.Tanh"}
    folder = make_folder(**{"modules.json": modules, "2_Dense/config.json": dense})
    weight, bias = torch.randn(5, 32), torch.randn(5)
    save_file({"linear.weight": weight, "linear.bias": bias}, folder / "2_Dense/model.safetensors")
    encoder = load(folder)
    assert encoder.info.dimension == 5
    model = transformers.AutoModel.from_pretrained(folder).eval()
    tokens = transformers.AutoTokenizer.from_pretrained(folder)("read file", return_tensors="pt")
    with torch.no_grad():
        pooled = model(**tokens).last_hidden_state[0].mean(dim=0)
        expected = torch.tanh(weight @ pooled + bias).numpy()
    assert cosines(encoder.encode_documents(["read file"]), unit_rows(expected[None]))[0] >= 0.99


def test_text_without_tokens(tiny_model: Path):
    encoder = load(tiny_model)
    assert isinstance(encoder, TransformerEncoder)
    encoder._tokenizer = lambda texts, **_: {"input_ids": [[] for _ in texts]}
    assert_unit(encoder.encode_documents(["", ""]), (2, 32))


def test_no_nan_comes_out():
    vectors = unit_rows(np.array([[0, 0], [np.nan, 1], [np.inf, 1], [3, 4]], dtype=np.float32))
    assert np.allclose(vectors, [[1, 0], [1, 0], [1, 0], [0.6, 0.8]])


def test_missing_tensors_are_not_made_up(make_folder: Make):
    folder = make_folder()
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 3}))
    with pytest.raises(EncoderError, match="lack 16 of the model's tensors"):
        load(folder)


def test_weights_of_another_shape(make_folder: Make):
    folder = make_folder()
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"hidden_size": 64}))
    with pytest.raises(EncoderError, match="cannot be loaded") as error:
        load(folder)
    assert "encoder.name" in error.value.remedy


def test_damaged_tokenizer(make_folder: Make):
    folder = make_folder()
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(EncoderError, match=r"the tokenizer in .* cannot be loaded"):
        load(folder)


def with_own_code(folder: Path) -> Path:
    """Make the model of `folder` one that comes with its own classes, and leaves a trace."""
    config = json.loads((folder / "config.json").read_text())
    config["model_type"] = "own_bert"
    config["auto_map"] = {"AutoConfig": "own.OwnConfig", "AutoModel": "own.OwnModel"}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "own.py").write_text(
        "import pathlib\n"
        "from transformers import BertConfig, BertModel\n"
        f"pathlib.Path({str(folder / 'ran')!r}).touch()\n"
        "class OwnConfig(BertConfig):\n    model_type = 'own_bert'\n"
        "class OwnModel(BertModel):\n    config_class = OwnConfig\n"
    )
    return folder


def test_own_code_does_not_run_unless_allowed(make_folder: Make, monkeypatch, tmp_path: Path):
    folder = with_own_code(make_folder())
    with pytest.raises(EncoderError, match="its own Python code") as error:
        load(folder)
    assert "allow_remote_code = true" in error.value.remedy
    assert not (folder / "ran").exists()
    monkeypatch.setattr(transformers.dynamic_module_utils, "HF_MODULES_CACHE", str(tmp_path / "m"))
    allowed = load(folder, allow_remote_code=True)
    assert (folder / "ran").exists()
    assert_unit(allowed.encode_documents(TEXTS), (len(TEXTS), 32))


def test_device_that_is_not_there(tiny_model: Path):
    with pytest.raises(EncoderError, match="device 'nonsense'") as error:
        load(tiny_model, device="nonsense")
    assert "encoder.device" in error.value.remedy


def test_threads_as_set(tiny_model: Path):
    load(tiny_model, threads=1)
    assert torch.get_num_threads() == 1
    load(tiny_model, threads=2)
    assert torch.get_num_threads() == 2


def test_info_is_that_of_describe(packaged: Encoder):
    assert packaged.info == describe(EncoderSettings())
