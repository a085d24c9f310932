"""Keeping an index equal to its files: scan, difference, pipeline, watcher, worker, supervisor.

Importing this package loads neither torch, lancedb nor tree-sitter: the worker process does.
"""

from codesearch.indexing.glance import Glance
from codesearch.indexing.refresh import refresh
from codesearch.indexing.supervisor import IndexSupervisor, leader_pid, read_status
from codesearch.indexing.watchplan import watch_limit

__all__ = ["Glance", "IndexSupervisor", "leader_pid", "read_status", "refresh", "watch_limit"]
