"""A tiny corpus made of this project's own code, a tiny network, and nothing from outside."""

from __future__ import annotations

import json
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PERMISSION = "MIT License\n\nPermission is hereby granted, free of charge, to any person"
ROWS = '''
def load_rows(path):
    """Read every row of a table from where it lies."""
    with open(path) as table:
        return table.readlines()
'''
TESTS_OF_ROWS = "def test_load_rows_of_a_table():\n    assert load_rows(TABLE) == [1, 2, 3]\n"


@pytest.fixture(scope="session")
def downloads(tmp_path_factory):
    """Two packages as a registry's clients leave them."""
    place = tmp_path_factory.mktemp("downloads")
    (place / "pypi").mkdir()
    (place / "npm").mkdir()
    (place / "mirrors").mkdir()
    with zipfile.ZipFile(place / "pypi" / "sample-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("sample-1.0.dist-info/licenses/LICENSE", PERMISSION)
        for path in sorted((ROOT / "codesearch").glob("*/*.py")):
            wheel.write(path, f"sample/{path.relative_to(ROOT / 'codesearch')}")
        wheel.writestr("sample/rows.py", ROWS)
        wheel.writestr("tests/test_rows.py", TESTS_OF_ROWS)
    with tarfile.open(place / "npm" / "unfree-2.0.0.tgz", "w:gz") as archive:
        code = place / "code.js"
        code.write_text(
            "/** Adds two numbers that were given. */\nfunction add(a, b) { return a; }\n"
        )
        archive.add(code, "package/index.js")
    return place


@pytest.fixture(scope="session")
def corpus(downloads, tmp_path_factory):
    """The sample, harvested and drawn."""
    from training.about import collect
    from training.harvest import harvest
    from training.stored import draw
    from training.tested import collect as collect_tests

    data = tmp_path_factory.mktemp("data")
    harvest(downloads, downloads / "mirrors", data, jobs=1)
    collect(downloads, downloads / "mirrors", data, jobs=1)
    collect_tests(downloads, downloads / "mirrors", data, jobs=1)
    draw(data, 6, seed=3, size=8)
    return data


@pytest.fixture(scope="session")
def base(corpus, tmp_path_factory):
    """A folder with a network of two narrow layers and a vocabulary of the sample's words."""
    import torch
    import transformers
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    from training.stored import stored

    folder = tmp_path_factory.mktemp("base")
    words: dict[str, int] = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3}
    batches = stored(corpus)
    for _ in range(6):
        for pair in next(batches):
            for word in f"{pair.query} {pair.document}".lower().replace(".", " ").split():
                words.setdefault(word, len(words))
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(words), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=256,
    )  # fmt: skip
    transformers.BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 256})
    )
    return folder
