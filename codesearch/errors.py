"""Every error a user can meet.

    CodesearchError
    ├── UsageError            the request itself is wrong (bad path, empty query)
    ├── SettingsError         a setting that cannot be ignored safely
    ├── EncoderError          weights missing or unusable
    ├── StoreError            the index cannot be read or written
    │   ├── StoreBusyError    another process is the writer
    │   └── StoreDamagedError the index must be rebuilt (done without asking)
    └── SearchCancelledError  the caller no longer wants the answer

Each message says what happened; `remedy` says what to do about it.
"""

from __future__ import annotations


class CodesearchError(Exception):
    """Base of all errors raised on purpose. `exit_code` is the command line's."""

    exit_code = 5

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n{self.remedy}" if self.remedy else self.message


class UsageError(CodesearchError):
    """The request cannot be carried out as asked."""

    exit_code = 2


class SettingsError(CodesearchError):
    """A setting that cannot be replaced by its default."""

    exit_code = 2


class EncoderError(CodesearchError):
    """The encoder's files are missing, unreadable or unsafe to load."""

    exit_code = 3


class StoreError(CodesearchError):
    """The index cannot be read or written."""

    exit_code = 4


class StoreBusyError(StoreError):
    """Another process holds the writer's lock."""


class StoreDamagedError(StoreError):
    """The index on disk cannot be trusted; its owner rebuilds it."""


class SearchCancelledError(CodesearchError):
    """The caller withdrew the request."""

    exit_code = 130
