"""Permissive licences, by their own words."""

from __future__ import annotations

import re

_FIELD = r"license(-expression)?\W+"  # of package metadata
_LICENCES = (
    ("Apache-2.0", r"apache license,?\s+version 2|apache software license"),
    ("Apache-2.0", _FIELD + r"apache.?(license.?)?(version )?2"),
    ("MIT", r"permission is hereby granted, free of charge|mit license|" + _FIELD + r"mit\b"),
    ("BSD", r"redistribution and use in source and binary forms|bsd license"),
    ("BSD", _FIELD + r"(new )?(3-clause )?bsd"),
    ("ISC", r"permission to use, copy, modify, and(/or)? distribute this software|license\W+isc\b"),
    ("Zlib", r"this software is provided .as-is., without any express or implied"),
    ("Unlicense", r"free and unencumbered software released into the public domain|cc0 1\.0"),
    ("PSF-2.0", r"python software foundation license|" + _FIELD + r"psf"),
    ("BSL-1.0", r"boost software license"),
    ("Ruby", r"you may make and give away verbatim copies"),
    ("PostgreSQL", r"use, copy, modify, and distribute this software and its documentation"),
    ("HPND", _FIELD + r"(hpnd|mit-cmu)"),
)
_COPYLEFT = re.compile(
    r"gnu (lesser |affero |library )?general public|mozilla public license|\b[al]?gpl(v|-| )?[23]|"
    r"eclipse public license|business source license|server side public license",
    re.IGNORECASE,
)
_PATTERNS = [(name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _LICENCES]


def licence_of(text: str) -> str:
    """The permissive licence that `text` (a licence file or package metadata) states, or "".

    What names a copyleft licence before a permissive one is not used.
    """
    text = re.sub(r"\s+", " ", text[:20_000])
    found = [(match.start(), name) for name, one in _PATTERNS if (match := one.search(text))]
    if not found:
        return ""
    start, name = min(found)
    copyleft = _COPYLEFT.search(text)
    return "" if copyleft and copyleft.start() < start else name
