"""What counts as a change from outside."""

from __future__ import annotations

from codesearch.indexing.changes import UNTRUSTED_MTIME, compare, trusted_mtime
from codesearch.indexing.scan import FileStat, ScanResult
from codesearch.store import FileRecord
from codesearch.types import SkipReason


def record(path: str, mtime_ns: int = 7, skipped: SkipReason | None = None) -> FileRecord:
    return FileRecord(path, 10, mtime_ns, "hash", "python", 1, skipped)


RECORDS = {
    path: record(path) for path in ("same", "larger", "newer", "gone", "folder/gone", "folder/same")
} | {
    "unsure": record("unsure", UNTRUSTED_MTIME),
    "secret": record("secret", 0, SkipReason.SECRET),
}
FOUND = ScanResult(
    {
        "same": FileStat(10, 7),
        "larger": FileStat(11, 7),
        "newer": FileStat(10, 8),
        "unsure": FileStat(10, 7),
        "new": FileStat(1, 1),
        "folder/same": FileStat(10, 7),
    },
    {"secret": SkipReason.SECRET, "pipe": SkipReason.NOT_A_FILE},
)


def test_a_whole_scan() -> None:
    changes = compare(FOUND, RECORDS)
    assert set(changes.read) == {"larger", "newer", "unsure", "new"}
    assert changes.skip == {"pipe": SkipReason.NOT_A_FILE}
    assert set(changes.forget) == {"gone", "folder/gone"}
    assert set(changes.paths) == {*changes.read, "pipe", "gone", "folder/gone"}


def test_anew_reads_all_that_is_there() -> None:
    assert set(compare(FOUND, RECORDS, anew=True).read) == set(FOUND.files)


def test_a_scan_of_some_paths_forgets_nothing_else() -> None:
    found = ScanResult({"newer": FileStat(10, 8)})
    assert compare(found, RECORDS, ["newer"]).forget == []
    assert compare(ScanResult(), RECORDS, ["gone"]).forget == ["gone"]
    assert compare(ScanResult(), RECORDS, ["never seen"]).forget == []
    gone = compare(ScanResult(), RECORDS, ["folder"]).forget
    assert sorted(gone) == ["folder/gone", "folder/same"]


def test_a_file_written_just_now_is_not_trusted() -> None:
    now = 1_000_000_000_000
    assert trusted_mtime(FileStat(1, now - 5_000_000_000), now) == now - 5_000_000_000
    assert trusted_mtime(FileStat(1, now - 1_000_000_000), now) == UNTRUSTED_MTIME
    assert trusted_mtime(FileStat(1, now + 9_000_000_000), now) == UNTRUSTED_MTIME
