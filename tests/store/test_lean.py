"""LanceDB without its REST client: in our own processes alone, and gone without a trace."""

from __future__ import annotations

import subprocess
import sys

import pytest

CODE = """
import sys
from codesearch import process
from codesearch.store.lean import lean_import
if {own}:
    process.claim()
with lean_import():
    import lancedb
from lance_namespace import ListTablesRequest
from lance_namespace_urllib3_client.models import ListTablesRequest as real
import overrides
print(overrides.__file__ is not None)
print(ListTablesRequest is real, hasattr(real, "model_fields"), len(sys.meta_path))
"""


@pytest.mark.parametrize(("own", "kept"), [(True, "False"), (False, "True")])
def test_a_guest_gets_all_of_lancedb(own: bool, kept: str) -> None:
    plain = subprocess.run(
        [sys.executable, "-c", "import sys, lancedb; print(len(sys.meta_path))"],
        capture_output=True,
        text=True,
        check=True,
    )
    answer = subprocess.run(
        [sys.executable, "-c", CODE.format(own=own)], capture_output=True, text=True, check=True
    )
    assert answer.stdout.split() == ["True", kept, "True", plain.stdout.strip()]
