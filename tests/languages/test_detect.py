"""Which language a file is taken for."""

from __future__ import annotations

import pytest

from codesearch.languages import LANGUAGES, language_of


@pytest.mark.parametrize(
    ("path", "head", "language"),
    [
        ("src/a.py", b"", "python"),
        ("a.PY", b"", "python"),
        ("a.jsx", b"", "javascript"),
        ("a.d.ts", b"", "typescript"),
        ("a.tsx", b"", "tsx"),
        ("a.h", b"int f(void);\n", "c"),
        ("a.h", b"#pragma once\nnamespace a {\n", "cpp"),
        ("a.h", b"class Widget {\npublic:\n", "cpp"),
        ("Rakefile", b"", "ruby"),
        (".bashrc", b"", "bash"),
        ("bin/tool", b"#!/usr/bin/env python3.12\n", "python"),
        ("bin/tool", b"#!/usr/bin/env -S node --no-warnings\n", "javascript"),
        ("bin/tool", b"#! /bin/sh -e\n", "bash"),
        ("bin/tool", b"#!/opt/unknown\n", "text"),
        ("bin/tool", b"plain words\n", "text"),
        ("README.md", b"", "text"),
        ("query.sql", b"", "text"),
        ("notes.txt", b"#!/bin/sh\n", "text"),
        ("", b"", "text"),
    ],
)
def test_language(path, head, language):
    assert language_of(path, head) == language


def test_no_extension_or_name_means_two_languages():
    for field in ("extensions", "filenames", "interpreters"):
        values = [value for info in LANGUAGES.values() for value in getattr(info, field)]
        assert len(values) == len(set(values))
