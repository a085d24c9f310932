"""docs/protocol.md says what is so: its JSON parses, and its fields are those of the types."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import attrs
import pytest

from codesearch.server import protocol
from codesearch.types import Kind, Phase

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text()
EXAMPLES = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


def camel(cls: type[Any]) -> set[str]:
    return {re.sub(r"_(\w)", lambda m: m[1].upper(), field.name) for field in attrs.fields(cls)}


def the(key: str) -> dict[str, Any]:
    """The example, or its result or params, that has `key`."""
    for example in EXAMPLES:
        for value in (example, example.get("result"), example.get("params")):
            if isinstance(value, dict) and key in value:
                return value
    raise AssertionError(key)


def test_examples_have_the_fields_of_the_types() -> None:
    result, status = the("hits"), the("protocolVersion")
    assert set(result) == camel(protocol.SearchResponse)
    assert set(result["hits"][0]) == camel(protocol.SearchHit)
    assert set(result["completeness"]) == camel(protocol.Completeness)
    assert set(status) == camel(protocol.StatusResponse)
    assert set(status["roots"][0]) == camel(protocol.RootStatus) - {"lastError"}
    assert set(status["roots"][0]["staleness"]) == camel(protocol.Staleness)
    assert status["protocolVersion"] == protocol.PROTOCOL_VERSION


def test_examples_of_params_can_be_read() -> None:
    protocol.read_params(the("query"), protocol.SearchParams)
    protocol.read_params(the("position"), protocol.SimilarParams)


@pytest.mark.parametrize("cls", [protocol.SearchParams, protocol.SimilarParams])
def test_every_param_is_described(cls: type[Any]) -> None:
    missing = {name for name in camel(cls) if not re.search(rf"`{name}\b", PAGE)}
    assert not missing


def test_every_method_kind_and_phase_is_described() -> None:
    for name in (*protocol.REQUESTS, protocol.FIND_SIMILAR_COMMAND):
        assert name.removeprefix("codesearch/") in PAGE
    for value in (*Kind, *Phase):
        assert f"`{value.value}`" in PAGE
