"""What differs between a root and what the manifest says of it, by looking from outside.

A file whose size and times are as recorded is taken as unchanged; any other has to be read,
and its content decides. The time of its last change of any kind is among them: archives and
reproducible builds give all files one time of writing, and many have one size.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from codesearch.indexing.ignores import parent_of
from codesearch.indexing.scan import FileStat, ScanResult
from codesearch.store import FileRecord
from codesearch.types import SkipReason

# Recorded in place of a time that cannot be trusted, so that the next scan reads the file
# again: it equals no file's time.
UNTRUSTED_MTIME = -1
# A file may be written twice within one tick of its file system's clock (2 s on FAT), the
# second time after it was read.
_TICK_NS = 2_000_000_000
# Further ahead than any two clocks differ: such a time was set on purpose, and an edit changes it.
_FUTURE_NS = 3_600_000_000_000


@dataclass(frozen=True, slots=True)
class Changes:
    """What has to be done to make the index equal to the root."""

    read: dict[str, FileStat] = field(default_factory=dict)
    skip: dict[str, SkipReason] = field(default_factory=dict)
    forget: list[str] = field(default_factory=list)

    @property
    def paths(self) -> Iterator[str]:
        """Every path that something is to be done about."""
        yield from self.read
        yield from self.skip
        yield from self.forget


def compare(
    found: ScanResult,
    records: Mapping[str, FileRecord],
    only: Iterable[str] | None = None,
    *,
    anew: bool = False,
) -> Changes:
    """Changes from `records` to `found`, a scan of everything or of `only`.

    With `anew` every file is to be read, whatever it looks like.
    """
    here = records.keys() if only is None else _recorded_under(only, records)
    return Changes(
        {p: s for p, s in found.files.items() if anew or not _as_recorded(s, records.get(p))},
        {p: r for p, r in found.skipped.items() if not _skipped_so(r, records.get(p))},
        [p for p in here if p not in found.files and p not in found.skipped],
    )


def trusted_mtime(stat: FileStat, now_ns: int) -> int:
    """The time to record for a file with `stat` that was read at `now_ns`."""
    recent = now_ns - _TICK_NS < stat.mtime_ns < now_ns + _FUTURE_NS
    return UNTRUSTED_MTIME if recent else stat.mtime_ns


def _as_recorded(stat: FileStat, record: FileRecord | None) -> bool:
    if record is None:
        return False
    recorded = (record.size, record.mtime_ns, record.ctime_ns)
    return (stat.size, stat.mtime_ns, stat.ctime_ns) == recorded


def _skipped_so(reason: SkipReason, record: FileRecord | None) -> bool:
    return record is not None and record.skipped is reason


def _recorded_under(only: Iterable[str], records: Mapping[str, FileRecord]) -> set[str]:
    """Recorded paths that are one of `only` or lie in one of them."""
    asked = set(only)
    under = {path for path in asked if path in records}
    folders = asked - under
    if folders:
        under.update(path for path in records if not folders.isdisjoint(_above(path)))
    return under


def _above(path: str) -> Iterator[str]:
    while path := parent_of(path):
        yield path
