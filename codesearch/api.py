"""The Python interface, for notebooks, benchmarks and other tools.

    import codesearch

    with codesearch.open("path/to/repository") as index:
        for hit in index.search("where are retries delayed", languages=["go"]):
            print(hit.path, hit.span.start_line + 1, hit.qualified_name)

Importing `codesearch` is light; torch and LanceDB are loaded with the first question.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from codesearch.errors import UsageError
from codesearch.settings import Settings, load_settings
from codesearch.types import IndexStatus, Kind, Query, SearchResult, Target

if TYPE_CHECKING:
    from codesearch.encoder import Encoder

__all__ = ["CodeIndex", "load_encoder", "open"]


class CodeIndex:
    """One repository to ask questions of. Made by `open`; thread-safe; a context manager."""

    def __init__(self, root: Path, settings: Settings) -> None:
        from codesearch.search import Searcher

        self.root = root
        self.settings = settings
        self._searcher = Searcher(root, settings)

    def search(
        self,
        text: str,
        *,
        limit: int | None = None,
        languages: Sequence[str] = (),
        kinds: Sequence[Kind | str] = (),
        paths: Sequence[str] = (),
        exclude_paths: Sequence[str] = (),
    ) -> SearchResult:
        """The best hits for words, an identifier, a path or code.

        `text` may hold filters too: `lang:go kind:method path:src/** -path:tests`.

        Raises:
            UsageError: an unknown kind or language, or a path pattern that is too long.
            EncoderError: the encoder's files are missing or do not load.
            StoreError: the index cannot be read.
        """
        query = self._query(
            text,
            limit,
            languages=languages,
            kinds=kinds,
            paths=paths,
            exclude_paths=exclude_paths,
        )
        return self._searcher.search(query, wait_for_encoder=True)

    def similar(
        self,
        target: str | os.PathLike[str] | None = None,
        line: int = 1,
        end_line: int | None = None,
        *,
        text: str | None = None,
        language: str | None = None,
        limit: int | None = None,
        languages: Sequence[str] = (),
        kinds: Sequence[Kind | str] = (),
        paths: Sequence[str] = (),
        exclude_paths: Sequence[str] = (),
    ) -> SearchResult:
        """What resembles the unit at `line` of the file `target`, its lines, or the code `text`.

        Lines are 1-based, as editors show them; `end_line` is inclusive. `target` is relative
        to the root or absolute. Raises what `search` raises, and UsageError when there is
        nothing to compare with.
        """
        place = Target(
            path=None if target is None else self._relative(target),
            start_line=max(0, line - 1),
            end_line=None if end_line is None else end_line - 1,
            text=text,
            language=language,
        )
        query = self._query(
            "",
            limit,
            languages=languages,
            kinds=kinds,
            paths=paths,
            exclude_paths=exclude_paths,
        )
        return self._searcher.similar(place, query, wait_for_encoder=True)

    def status(self) -> IndexStatus:
        """How much is indexed, encoded and pending, as the index's writer last told it."""
        from codesearch.indexing import read_status

        return read_status(self.root)

    def refresh(self, timeout: float | None = None) -> IndexStatus:
        """Read what changed in the files, and wait until all of it is searchable by meaning.

        Waits for `timeout` seconds at most. Raises EncoderError if the encoder is not there,
        StoreError if indexing stopped.
        """
        from codesearch.encoder import describe
        from codesearch.indexing import refresh

        describe(self.settings.encoder)
        return refresh(self.root, self.settings, timeout=timeout)

    def close(self) -> None:
        """Let go of the index's files."""
        self._searcher.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _query(
        self,
        text: str,
        limit: int | None,
        *,
        languages: Sequence[str],
        kinds: Sequence[Kind | str],
        paths: Sequence[str],
        exclude_paths: Sequence[str],
    ) -> Query:
        from codesearch.languages import LANGUAGES
        from codesearch.search.filters import language_named

        try:
            wanted = tuple(Kind(kind) for kind in kinds)
        except ValueError as error:
            raise UsageError(str(error), f"Kinds are {', '.join(Kind)}.") from error
        unknown = [name for name in languages if language_named(name) is None]
        if unknown:
            remedy = f"Languages are {', '.join(LANGUAGES)}."
            raise UsageError(f"unknown language {', '.join(unknown)}", remedy)
        most = self.settings.search.limit if limit is None else limit
        return Query(text, most, tuple(languages), wanted, tuple(paths), tuple(exclude_paths))

    def _relative(self, target: str | os.PathLike[str]) -> str:
        path = (self.root / target).resolve()
        if not path.is_relative_to(self.root):
            raise UsageError(f"{path} is outside {self.root}", "Name a file of the repository.")
        return path.relative_to(self.root).as_posix()


def open(  # noqa: A001 - read as `codesearch.open`
    path: str | os.PathLike[str] = ".", settings: Settings | None = None, update: bool = True
) -> CodeIndex:
    """The index of the folder `path`, brought up to date first unless `update` is false.

    The first time, that takes as long as encoding the repository does; later, as long as
    reading what changed. Without `settings`, the user's and the project's are used.

    Raises:
        UsageError: `path` is not a folder.
        EncoderError: the encoder's files are missing.
        StoreError: the index cannot be written.
    """
    root = Path(path).expanduser().resolve()
    if not root.is_dir():
        raise UsageError(f"{root} is not a folder", "Name the folder of a repository.")
    index = CodeIndex(root, settings or load_settings(root)[0])
    if update:
        index.refresh()
    return index


def load_encoder(name: str | os.PathLike[str] | None = None) -> Encoder:
    """The encoder to use by itself: `encode_queries` and `encode_documents`.

    Both take a list of texts and give a float32 array (n, dimension) of unit-norm rows. `name`
    is a folder or a hub name; without it, the one of the user's settings is loaded.

    Raises:
        EncoderError: its files are missing or cannot be used; the message says what to do.
    """
    from codesearch.encoder import load_encoder as load

    settings = load_settings()[0].encoder
    return load(settings if name is None else replace(settings, name=os.fspath(name)))
