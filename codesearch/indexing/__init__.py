"""From files to the index: scan, difference, pipeline, watcher, and the worker process."""
