"""A repository as the benchmark sees it: units, files, and what each type is derived from."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from codesearch.languages import parse
from codesearch.types import Kind, Unit
from codesearch.words import split_words

FUNCTIONS = frozenset({Kind.FUNCTION, Kind.METHOD})
_TYPES = frozenset({Kind.CLASS, Kind.STRUCT, Kind.INTERFACE, Kind.TRAIT, Kind.ENUM, Kind.MODULE})
# Less is a getter, and nobody could say what it resembles.
_LEAST_WORDS = 12

_GENERIC = re.compile(r"<[^<>]*>")
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_NAME = re.compile(r"[A-Za-z_][\w.:\\]*")
_PARENTS = {
    "python": re.compile(r"\((.*)\)"),
    "ruby": re.compile(r"<\s*(\S+)"),
    "csharp": re.compile(r"(?<!:):(?!:)(.*?)(?:\bwhere\b|$)"),
    "kotlin": re.compile(r"(?<!:):(?!:)(.*?)(?:\bwhere\b|$)"),
    "cpp": re.compile(r"(?<!:):(?!:)(.*)"),
    "swift": re.compile(r":(.*?)(?:\bwhere\b|$)"),
    "haskell": re.compile(r"^instance\s+(?:.*=>\s*)?([\w.']+)"),
}
_EXTENDS = re.compile(r"\b(?:extends|implements|with)\b(.*)")
_NO_NAMES = frozenset(
    {"extends", "implements", "with", "public", "private", "protected", "virtual", "metaclass"}
)
_RUST_IMPL = re.compile(
    r"^([ \t]*)(?:unsafe )?impl\b(?:<[^{]*?>)?\s+([\w:]+)(?:<[^{]*?>)?\s+for\s+[^{;]*\{",
    re.MULTILINE,
)
_BEHAVIOUR = re.compile(r"@behaviour\s+([\w.]+)")
_GO_METHOD = re.compile(r"^\s*([A-Z]\w*)\(", re.MULTILINE)


@dataclass(frozen=True)
class Corpus:
    """The units of one indexed folder, and its files by path."""

    name: str
    root: Path
    units: tuple[Unit, ...]
    sources: dict[str, bytes]

    @cached_property
    def functions(self) -> tuple[Unit, ...]:
        """Functions and methods with enough in them to be compared."""
        found = (unit for unit in self.units if unit.kind in FUNCTIONS)
        return tuple(unit for unit in found if len(split_words(unit.body)) >= _LEAST_WORDS)

    @cached_property
    def bases(self) -> dict[str, set[str]]:
        """What each type is derived from, by its qualified name: last names only."""
        found: dict[str, set[str]] = defaultdict(set)
        for unit in self.units:
            if unit.kind in _TYPES:
                found[unit.qualified_name] |= set(_bases(unit))
        for owner, base in self._go_interfaces():
            found[owner].add(base)
        return found

    def bases_of(self, method: Unit) -> set[str]:
        """What the type around `method` is derived from."""
        if method.language == "rust":
            return self._rust_traits.get(method.id, set())
        return self.bases.get(owner(method), set())

    @cached_property
    def _rust_traits(self) -> dict[str, set[str]]:
        """The trait whose `impl` block holds a function, by the function's id."""
        blocks = {path: list(_impls(text)) for path, text in self.sources.items()}
        return {
            unit.id: {trait}
            for unit in self.functions
            for start, end, trait in blocks[unit.path]
            if start <= unit.span.start_byte < end
        }

    def _go_interfaces(self) -> Iterator[tuple[str, str]]:
        """Types that have all methods of an interface of the same repository."""
        methods: dict[str, set[str]] = defaultdict(set)
        for unit in self.units:
            if unit.language == "go" and unit.kind is Kind.METHOD:
                methods[owner(unit)].add(unit.name)
        for unit in self.units:
            if unit.language != "go" or unit.kind is not Kind.INTERFACE:
                continue
            wanted = set(_GO_METHOD.findall(unit.body.partition("\n")[2]))
            for name, theirs in methods.items():
                if wanted and wanted <= theirs:
                    yield name, unit.name


def read(name: str, root: Path) -> Corpus:
    """All files of `root` but hidden ones, parsed."""
    sources: dict[str, bytes] = {}
    units: list[Unit] = []
    for file in sorted(root.rglob("*")):
        path = file.relative_to(root)
        if file.is_file() and not any(part.startswith(".") for part in path.parts):
            sources[path.as_posix()] = file.read_bytes()
            units += parse(path.as_posix(), sources[path.as_posix()]).units
    return Corpus(name, root, tuple(units), sources)


def owner(unit: Unit) -> str:
    """The qualified name of what holds `unit`."""
    return unit.qualified_name.removesuffix(unit.name).rstrip(".:#\\")


def _bases(unit: Unit) -> Iterable[str]:
    if unit.language == "elixir":
        return [one.rpartition(".")[2] for one in _BEHAVIOUR.findall(unit.body)]
    text = unit.signature
    if unit.language not in ("python", "ruby", "haskell"):
        text = _without(_GENERIC, text)
    if unit.language in ("kotlin", "csharp"):
        text = _without(_BRACKETED, text)
    if unit.language == "python":
        text = _without(re.compile(r"\[[^\[\]]*\]"), text)
    match = _PARENTS.get(unit.language, _EXTENDS).search(text)
    names = _NAME.findall(match[1]) if match else []
    return [re.split(r"[.:\\]", one)[-1] for one in names if one not in _NO_NAMES]


def _without(pattern: re.Pattern[str], text: str) -> str:
    """`text` without what matches, from the inside out."""
    while (shorter := pattern.sub("", text)) != text:
        text = shorter
    return text


def _impls(source: bytes) -> Iterator[tuple[int, int, str]]:
    """The bytes of each `impl Trait for`: it ends at a bracket as far to the right as it began."""
    text = source.decode("latin-1")  # one character a byte
    for match in _RUST_IMPL.finditer(text):
        end = text.find(f"\n{match[1]}}}", match.end())
        yield match.start(), end if end >= 0 else match.end(), match[2].rpartition("::")[2]
