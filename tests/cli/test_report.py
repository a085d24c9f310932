"""What a report for an issue lets through of a log, whatever stands in that."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from codesearch.cli.report import write_report
from codesearch.paths import index_home, make_private
from codesearch.settings import EncoderSettings, Settings

TRACE = """Traceback (most recent call last):
  File "/home/eve/.venv/lib/python3.11/site-packages/codesearch/indexing/pipeline.py", line 7, in x
    secretplan = "codesearch"
  File "/home/eve/secretplan/main.py", line 3, in secretplan
SecretplanError: secretplan
codesearch.errors.StoreError: cannot read /home/eve/secretplan/main.py
OSError: [Errno 28] No space left on device: '/home/eve/secretplan'"""
RECORD = {"time": "2026-11-23T12:00:00.123+00:00", "pid": 4711, "level": "WARNING"}
RECORD |= {"logger": "codesearch.store.index", "message": "rebuilding /home/eve/secretplan"}
LOG = f"""{json.dumps(RECORD)}
{json.dumps({**RECORD, "logger": "secretplan"})}
{json.dumps({**RECORD, "level": "ERROR", "trace": TRACE})}
Fatal Python error: Aborted

  File "/usr/lib/python3.11/site-packages/codesearch/languages/parsing.py", line 3 in parse
def secretplan(): pass
["secretplan"]
2026-11-23 secretplan
"""


def test_only_what_is_known_to_be_harmless(tmp_path: Path) -> None:
    root = tmp_path / "secretplan"
    root.mkdir()
    (make_private(index_home(root)) / "worker.log").write_text(LOG)
    settings = Settings(encoder=EncoderSettings(name="secretplan", threads=3))
    checks = [{"name": "index", "ok": False, "detail": "secretplan", "remedy": "secretplan"}]
    write_report(tmp_path / "report.zip", root, settings, checks)
    with zipfile.ZipFile(tmp_path / "report.zip") as bundle:
        parts = {name: bundle.read(name).decode() for name in bundle.namelist()}
    text = "\n".join(parts.values())
    assert "secretplan" not in text.lower()
    assert "eve" not in text
    assert parts["log.txt"].splitlines() == [
        "2026-11-23T12:00:00.123+00:00 4711 WARNING codesearch.store.index",
        "2026-11-23T12:00:00.123+00:00 4711 ERROR codesearch.store.index",
        "site-packages/codesearch/indexing/pipeline.py 7 x",
        "codesearch.errors.StoreError",
        "OSError",
        "Fatal Python error: Aborted",
        "site-packages/codesearch/languages/parsing.py 3 parse",
    ]
    assert '"threads": 3' in parts["settings.json"]
