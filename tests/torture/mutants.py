"""Source files spoilt at random, and what may not happen to whoever parses them.

`try_them` runs in a helper process with bounded memory, as a server's own parsing does.
"""

from __future__ import annotations

import os
import random
import resource
import time
from dataclasses import dataclass
from pathlib import Path

from codesearch.encoder.text import document_texts
from codesearch.languages import LANGUAGES, language_of, parse
from codesearch.languages.skips import to_utf8
from codesearch.types import ParsedFile
from tests.torture.scale import SCALE

MEMORY = 1 << 30  # bytes of addresses that a parsing process may have
_MOST_CPU = 20.0  # seconds for one file; a parse gives up after five, and reads twice at most
_LARGEST = 200_000 if SCALE > 1 else 40_000  # bytes
_FIXTURES = Path(__file__).parents[1] / "languages" / "fixtures"
_TOKENS = [
    b"(", b")", b"{", b"}", b"[", b"]", b"<", b">", b'"', b"'", b"`", b"\\", b"\n", b"\r\n", b"\t",
    b"/*", b"*/", b"//", b"#", b"--", b"(*", b"*)", b"{-", b"-}", b"<<EOF\n", b'"""', b"'''", b"${",
    b"#{", b"#if 1\n", b"#endif\n", b"end\n", b"do ", b"begin\n", b"class A", b"def f", b"fn f",
    b"\0", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xf0\x9f\x92\xa5", b";", b",",
    b"=>", b"::", b"@", b"?", b"<?php ", b"?>", b"<a>", b"</a>", b"\xe2\x80\xae", b"\x85", b" ",
]  # fmt: skip


@dataclass(frozen=True)
class Tried:
    """What parsing some mutants took: the longest in seconds of the processor, and all memory."""

    count: int
    longest: float
    peak_bytes: int


def seeds(language: str) -> list[tuple[str, bytes]]:
    """Files of a language, by name: the fixtures, or those below `CODESEARCH_TORTURE_SEEDS`."""
    elsewhere = os.environ.get("CODESEARCH_TORTURE_SEEDS")
    folder = Path(elsewhere) if elsewhere else _FIXTURES
    endings = tuple(LANGUAGES[language].extensions)
    found = []
    for path in sorted(folder.rglob("*")):
        if path.name.endswith(endings) and path.is_file() and len(found) < 300:
            source = path.read_bytes()[:_LARGEST]
            if language_of(path.name, source) == language:
                found.append((path.name, source))
    return found or [("file" + endings[0], b"a b\n")]


def mutant(language: str, number: int) -> tuple[str, bytes]:
    """A file's name and content: always the same for the same number."""
    chosen = random.Random(f"{language} {number}")
    known = _seeds(language)
    name, source = chosen.choice(known)
    for _ in range(chosen.choice((1, 1, 2, 3, 5, 8))):
        source = chosen.choice(_SPOILS)(source, chosen, known)
    return name, source[:_LARGEST]


def try_them(language: str, numbers: range) -> Tried:
    """Parse these mutants, in a process for nothing else; AssertionError names one that fails."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    longest = 0.0
    for number in numbers:
        name, source = mutant(language, number)
        began = time.process_time()
        parsed = parse(name, source)
        took = time.process_time() - began
        longest = max(longest, took)
        complaint = _complaint(parsed, source, took)
        if complaint:
            raise AssertionError(f"{language} mutant {number}: {complaint}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    return Tried(len(numbers), longest, peak)


def _complaint(parsed: ParsedFile, source: bytes, took: float) -> str:
    """What is wrong with what came out of a file; "" for nothing."""
    if took > _MOST_CPU:
        return f"took {took:.1f} s"
    size = len(to_utf8(source))
    if len({unit.id for unit in parsed.units}) < len(parsed.units):
        return "a unit stands there twice"
    for unit in parsed.units:
        if not 0 <= unit.span.start_byte < unit.span.end_byte <= size:
            return f"{unit.name} lies outside of the file"
        if not unit.span.start_byte <= unit.name_span.start_byte <= unit.name_span.end_byte <= size:
            return f"the name of {unit.name} lies outside of it"
        fields = (unit.name, unit.qualified_name, unit.signature, unit.documentation, unit.body)
        for text in (*fields, *document_texts(unit, 512)):
            text.encode()  # a table and a protocol hold nothing else
    words = any(character.isalnum() for character in source.decode("utf-8", "ignore"))
    if words and not parsed.units and parsed.skipped is None:
        return "nothing of it can be found"
    return ""


_known: dict[str, list[tuple[str, bytes]]] = {}


def _seeds(language: str) -> list[tuple[str, bytes]]:
    if language not in _known:
        _known[language] = seeds(language)
    return _known[language]


def _part(source: bytes, chosen: random.Random, most: int = 3_000) -> tuple[int, int]:
    start = chosen.randrange(len(source) + 1)
    return start, min(len(source), start + chosen.randrange(1, most))


def _flip(source: bytes, chosen: random.Random, _known: object) -> bytes:
    data = bytearray(source)
    for _ in range(chosen.choice((1, 3, 30)) if data else 0):
        data[chosen.randrange(len(data))] ^= 1 << chosen.randrange(8)
    return bytes(data)


def _delete(source: bytes, chosen: random.Random, _known: object) -> bytes:
    start, end = _part(source, chosen)
    return source[:start] + source[end:]


def _cut(source: bytes, chosen: random.Random, _known: object) -> bytes:
    return source[: chosen.randrange(len(source) + 1)]


def _duplicate(source: bytes, chosen: random.Random, _known: object) -> bytes:
    start, end = _part(source, chosen)
    at = chosen.choice((start, end, chosen.randrange(len(source) + 1)))
    times = chosen.choice((1, 2, 10, 100))
    return source[:at] + source[start:end] * times + source[at:]


def _splice(source: bytes, chosen: random.Random, known: list[tuple[str, bytes]]) -> bytes:
    other = chosen.choice(known)[1]
    (start, end), at = _part(other, chosen), chosen.randrange(len(source) + 1)
    return source[:at] + other[start:end] + source[at + chosen.randrange(200) :]


def _insert(source: bytes, chosen: random.Random, _known: object) -> bytes:
    at = chosen.randrange(len(source) + 1)
    times = chosen.choice((1, 1, 2, 20, 1_000, 20_000))
    return source[:at] + chosen.choice(_TOKENS) * times + source[at:]


def _nest(source: bytes, chosen: random.Random, _known: object) -> bytes:
    """A piece of the file inside of itself, again and again."""
    start, end = _part(source, chosen, 400)
    piece = source[start:end]
    middle = chosen.randrange(len(piece) + 1)
    times = chosen.choice((5, 50, 500))
    return source[:start] + piece[:middle] * times + piece[middle:] * times + source[end:]


def _lines(source: bytes, chosen: random.Random, _known: object) -> bytes:
    lines = source.split(b"\n")
    for _ in range(chosen.choice((1, 4, 40))):
        a, b = chosen.randrange(len(lines)), chosen.randrange(len(lines))
        lines[a], lines[b] = lines[b], lines[a]
    return chosen.choice((b"\n", b"\n", b"\r\n", b" ")).join(lines)


_SPOILS = (_flip, _delete, _cut, _duplicate, _splice, _insert, _nest, _lines)
