"""Tests of the store, against real LanceDB and SQLite."""
