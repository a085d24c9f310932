"""Which language a file is written in: by name, by extension, by its first line."""

from __future__ import annotations

import re

from codesearch.languages.registry import LANGUAGES

TEXT = "text"  # the language of everything that is not read as code

_BY_EXTENSION = {e: info.name for info in LANGUAGES.values() for e in info.extensions}
_BY_FILENAME = {f: info.name for info in LANGUAGES.values() for f in info.filenames}
_BY_INTERPRETER = {i: info.name for info in LANGUAGES.values() for i in info.interpreters}
_SHEBANG = re.compile(rb"#!\s*(?:\S*/)?(env\s+(?:-\S+\s+|\w+=\S*\s+)*)?(?:\S*/)?([\w+-]+)")
# `.h` is C unless it holds what C has not.
_CPP_HEADER = re.compile(
    rb"^\s*(?:class\s+\w|namespace\b|template\s*<|using\s+\w|(?:public|private|protected)\s*:)"
    rb"|\bstd::|\benum (?:class|struct)\b|\b(?:constexpr|noexcept|nullptr)\b|\bstatic_cast<"
    rb"|#include\s*<(?:string|vector|memory|map|utility)>",
    re.MULTILINE,
)


def language_of(path: str, head: bytes = b"") -> str:
    """The registry name of a file's language, "text" when it is none of them.

    `head` is the start of the content; it settles scripts without extension and `.h`.
    """
    filename = path.rsplit("/", 1)[-1]
    if filename in _BY_FILENAME:
        return _BY_FILENAME[filename]
    dot = filename.rfind(".")
    extension = filename[dot:].lower() if dot > 0 else ""
    if extension == ".h" and _CPP_HEADER.search(head):
        return "cpp"
    if extension in _BY_EXTENSION:
        return _BY_EXTENSION[extension]
    return _of_shebang(head) if not extension else TEXT


def _of_shebang(head: bytes) -> str:
    match = _SHEBANG.match(head)
    if match is None:
        return TEXT
    program = match.group(2).decode("ascii", errors="replace").rstrip("0123456789")
    return _BY_INTERPRETER.get(program, TEXT)
