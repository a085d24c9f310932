"""What is encoded for a unit: the one place where a unit becomes text.

A text is a header (name, scope, folders and file, as words) and then documentation and body as
words. `codesearch.words` splits the identifiers, since the tokenizer knows no capitals and would
cut `getHTTPResponse` anywhere; punctuation is left out, since it did not earn its tokens. A unit
that is too long becomes several texts under the same header, overlapping by some lines, so that it
is found by any of its parts.

docs/encoder.md tells what was measured. Whoever changes a text here raises `TEXT_VERSION`.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
from collections.abc import Iterable, Iterator

from codesearch.types import Kind, Unit
from codesearch.words import split_words

TEXT_VERSION = 1

MAX_PARTS = 32  # of one unit, about 300 lines of code

_PATH_FOLDERS = 3  # the last ones; those before say which project, not what it does
_HEADER_SHARE = 0.25  # of a text, at most
_OVERLAP_SHARE = 0.15  # of a part, at most
_LEAST_ROOM = 8  # tokens

_VOWELS = frozenset("aeiouy")
_MARGIN = 1.1  # estimates may be wrong by a fifth; texts should rarely be too long

_Line = tuple[str, float]  # a line's words, and their tokens by estimate


def text_hash(text: str) -> str:
    """The name of `text` in the embedding cache: 32 hexadecimal digits."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def query_text(text: str) -> str:
    """A question in the form of document texts: its identifiers split, no punctuation."""
    return " ".join(split_words(text)) or text


def document_texts(unit: Unit, max_tokens: int) -> tuple[str, ...]:
    """The texts to encode for `unit`: at least one, each of about `max_tokens` at most.

    At most `MAX_PARTS` are made; what an absurdly long text has beyond them is left out.
    """
    header = _header(unit, max_tokens * _HEADER_SHARE)
    room = max(_LEAST_ROOM, max_tokens - estimate_tokens(header))
    texts = _documentation(unit), unit.body
    words = [word for text in texts for word in split_words(text)]
    if _cost(words) <= room:  # nearly always, and lines do not matter then
        return (" ".join((header, *words)),)
    return tuple(f"{header} {part}" for part in _parts(list(_lines(texts, room)), room))


def estimate_tokens(text: str) -> float:
    """About how many tokens the words of `text` have, rather too many than too few."""
    return _cost(split_words(text))


def _header(unit: Unit, room: float) -> str:
    """Name, then scope, then path: what says most comes first and survives a small `room`."""
    *folders, file = unit.path.split("/")
    scope = unit.qualified_name.removesuffix(unit.name)
    if unit.kind is Kind.WINDOW and unit.name == file:
        name, place = scope, ""
    else:
        name, place = unit.name, scope
    stem = file.rpartition(".")[0] or file
    words = split_words(name)
    rest = split_words(" ".join((place, *folders[-_PATH_FOLDERS:], stem)))
    header = f"{' '.join(words)}. {' '.join(rest)}." if words else f"{' '.join(rest)}."
    kept = next(_folded(header.split(" "), max(room, _LEAST_ROOM)))
    return kept[0]


def _documentation(unit: Unit) -> str:
    """The documentation, unless the body has it where it was written."""
    text = unit.documentation.strip()
    return "" if text.partition("\n")[0] in unit.body else text


def _lines(texts: Iterable[str], room: float) -> Iterator[_Line]:
    """The lines of `texts` that have words, none over `room` tokens."""
    for line in itertools.chain.from_iterable(map(str.splitlines, texts)):
        words = split_words(line)
        cost = _cost(words)
        if cost > room:
            yield from _folded(words, room)
        elif words:
            yield " ".join(words), cost


def _folded(words: list[str], room: float) -> Iterator[_Line]:
    """`words` as several lines of at most `room` tokens; a longer word is cut."""
    start, total = 0, 0.0
    for index, word in enumerate(words):
        cost = _cost((word,))
        if total + cost > room and index > start:
            yield " ".join(words[start:index]), total
            start, total = index, 0.0
        total += cost
    yield " ".join(words[start:]), total


def _parts(lines: list[_Line], room: float) -> list[str]:
    parts: list[str] = []
    start = end = 0
    while end < len(lines) and len(parts) < MAX_PARTS:
        start, end = _next_part(lines, start, end, room)
        parts.append(" ".join(line for line, _ in lines[start:end]))
    return parts


def _next_part(lines: list[_Line], start: int, end: int, room: float) -> tuple[int, int]:
    """The part after `lines[start:end]`: some lines back, and on as far as there is room.

    At least one line is new.
    """
    first = end
    total = lines[end][1]
    overlap = min(room * _OVERLAP_SHARE, room - total)
    while first - 1 > start and lines[first - 1][1] <= overlap:
        first -= 1
        total += lines[first][1]
        overlap -= lines[first][1]
    end += 1
    while end < len(lines) and total + lines[end][1] <= room:
        total += lines[end][1]
        end += 1
    return first, end


def _cost(words: Iterable[str]) -> float:
    """Tokens of `words` by estimate."""
    return sum(map(_word_cost, words))


@functools.lru_cache(maxsize=1 << 16)
def _word_cost(word: str) -> float:
    """The mean number of word pieces of such words in code, and a margin.

    Fitted to a BERT vocabulary on 25 languages: a word that can be pronounced is mostly known, an
    abbreviation is spelled, a number is cut into pairs, other scripts into letters.
    """
    letters = len(word)
    if not word.isascii():
        cost = 0.7 * letters
    elif word[0].isdigit():
        cost = 0.9 * letters - 1.7
    elif _VOWELS.isdisjoint(word):
        cost = 0.55 + 0.45 * letters
    else:
        cost = 1.2 + 0.12 * max(0, letters - 7) + 0.3 * max(0, letters - 14)
    return _MARGIN * max(1.0, cost)
