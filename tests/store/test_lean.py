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


AT_ONCE = """
import sys, threading
from codesearch import process
from codesearch.store.lean import lean_import
process.claim()
inside, go_on, failed = threading.Semaphore(0), threading.Event(), []
def load():
    try:
        with lean_import():
            inside.release()
            go_on.wait()
            import lancedb
    except BaseException as error:
        failed.append(repr(error))
threads = [threading.Thread(target=load) for _ in range(2)]
for thread in threads:
    thread.start()
inside.acquire()
inside.acquire(timeout=0.5)  # the other one is not, until the first has left
go_on.set()
for thread in threads:
    thread.join()
print(failed, "overrides" in sys.modules)
"""


def test_threads_may_import_it_at_the_same_time() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", AT_ONCE], capture_output=True, text=True, check=True, timeout=120
    )
    assert answer.stdout.split() == ["[]", "False"]
