"""What is encoded for a unit: the one place where a unit becomes text.

A text is a short header (path words, name words) and then documentation and body, with every
identifier split as `codesearch.words` splits it, for the tokenizer is uncased and would cut
`getHTTPResponse` anywhere. A unit that is too long becomes several texts, each under the same
header and overlapping by some lines, so that it is found by any of its parts.
docs/encoder.md tells what was measured. Change anything here and `TEXT_VERSION` goes up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import regex

from codesearch.types import Kind, Unit
from codesearch.words import split_words

TEXT_VERSION = 1

_MAX_PARTS = 32
_PATH_WORDS = 8
_NAME_WORDS = 16
_HEADER_SHARE = 0.25  # of the room, at most
_OVERLAP_SHARE = 0.15  # of a part's room, at most

# A word piece covers about this many letters of a word that is not in the vocabulary.
_COMMON_LETTERS = 7
_LETTERS_A_PIECE = 3

_TOKEN = regex.compile(
    r"\p{Lu}+(?=\p{Lu}\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{Lm}\p{M}]+|\p{Lu}+|\p{N}+|[^\w\s]"
)


def text_hash(text: str) -> str:
    """The name of `text` in the embedding cache: 32 hexadecimal digits."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def estimate_tokens(text: str) -> int:
    """About how many tokens `text` has, rather too many than too few."""
    return sum(_cost(word) for word in _TOKEN.findall(text))


def document_texts(unit: Unit, max_tokens: int) -> tuple[str, ...]:
    """The texts to encode for `unit`: at least one, each of about `max_tokens` at most.

    At most 32 parts are made; what a text of absurd length has beyond them is left out.
    """
    header = _header(unit, int(max_tokens * _HEADER_SHARE))
    room = max(8, max_tokens - estimate_tokens(header))
    parts = _parts(list(_lines(unit, room)), room)
    return tuple(f"{header}\n{part}" for part in parts) or (header,)


def _header(unit: Unit, room: int) -> str:
    folders, _, file = unit.path.rpartition("/")
    path = split_words(" ".join(folders.split("/")[-3:]))[-_PATH_WORDS:]
    path += split_words(file.rpartition(".")[0] or file)[-_PATH_WORDS:]
    name = "" if unit.kind is Kind.WINDOW and unit.qualified_name == file else unit.qualified_name
    words: list[str] = []
    for word in [*split_words(name)[-_NAME_WORDS:][::-1], *path[::-1]]:
        room -= _cost(word)
        if room < 0:
            break
        words.append(word)
    return " ".join(reversed(words))


def _lines(unit: Unit, room: int) -> Iterator[tuple[str, int]]:
    """Lines of documentation and body as split words, with their tokens; none over `room`."""
    documentation = unit.documentation
    if documentation and documentation.strip().partition("\n")[0].strip() in unit.body:
        documentation = ""  # the body has it where it was written
    for text in (documentation, unit.body):
        for line in text.splitlines():
            words = _TOKEN.findall(line)
            yield from _folded([word.lower() for word in words], room)


def _folded(words: list[str], room: int) -> Iterator[tuple[str, int]]:
    start = cost = 0
    for index, word in enumerate(words):
        more = _cost(word)
        if cost + more > room and index > start:
            yield " ".join(words[start:index]), cost
            start, cost = index, 0
        cost += more
    if start < len(words):
        yield " ".join(words[start:]), cost


def _parts(lines: list[tuple[str, int]], room: int) -> list[str]:
    parts: list[str] = []
    start = 0
    while start < len(lines) and len(parts) < _MAX_PARTS:
        end, cost = start, 0
        while end < len(lines) and (cost + lines[end][1] <= room or end == start):
            cost += lines[end][1]
            end += 1
        parts.append("\n".join(line for line, _ in lines[start:end]))
        if end == len(lines):
            break
        start = _overlapped(lines, start, end, int(room * _OVERLAP_SHARE))
    return parts


def _overlapped(lines: list[tuple[str, int]], start: int, end: int, room: int) -> int:
    """Where the part after `lines[start:end]` begins: some lines back, but past `start`."""
    first = end
    while first - 1 > start and lines[first - 1][1] <= room:
        first -= 1
        room -= lines[first][1]
    return first


def _cost(word: str) -> int:
    return 1 + max(0, len(word) - _COMMON_LETTERS + _LETTERS_A_PIECE - 1) // _LETTERS_A_PIECE
