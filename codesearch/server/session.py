"""The workspace as it is now: open folders, opened and closed one after another.

Everything here runs on the event loop; what may block is handed to `Work.admin`.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cachetools import TTLCache, cached

from codesearch.errors import CodesearchError
from codesearch.server.buffers import path_of
from codesearch.server.failures import invalid
from codesearch.server.roots import (
    Encoders,
    Folder,
    Root,
    start_root,
    stop_all,
    stop_root,
    with_settings,
)
from codesearch.server.work import Work
from codesearch.settings import Settings, load_settings
from codesearch.types import IndexStatus

_log = logging.getLogger(__name__)

_REMEMBERED_SECONDS = 10.0  # a link may be made to lead elsewhere

# What the client says of its settings for the folder with this URI.
ClientSettings = Callable[[str], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who wants to know; features add themselves. All are called on the event loop."""

    opened: list[Callable[[Root], None]] = field(default_factory=list)  # or with new settings
    status: list[Callable[[Path, IndexStatus], None]] = field(default_factory=list)
    closed: list[Callable[[Path], None]] = field(default_factory=list)
    problems: list[Callable[[Sequence[str]], None]] = field(default_factory=list)
    answered: list[Callable[[], None]] = field(default_factory=list)  # a question, of any kind


async def _nothing_told(_: str) -> Mapping[str, Any]:
    return {}


@cached(TTLCache(maxsize=4096, ttl=_REMEMBERED_SECONDS))
def _real(path: Path) -> Path:
    """Where `path` leads, seldom looked up: the event loop must not wait for a slow disk."""
    return Path(os.path.realpath(path))


class Session:
    """Opens folders, finds them again, and tells the listeners what happens to them."""

    def __init__(self, work: Work) -> None:
        self.listeners = Listeners()
        self.roots: dict[Path, Root] = {}
        self.started = asyncio.Event()  # set once the client's first folders are open
        self._work = work
        self._client: ClientSettings = _nothing_told
        self._encoders = Encoders()
        self._changing = asyncio.Lock()

    async def open(self, folders: Iterable[tuple[str, str]]) -> None:
        """Serve folders, given as (URI, name). Those that are not files are passed over."""
        async with self._changing:
            for uri, name in folders:
                path = path_of(uri)
                if path is not None and path not in self.roots:
                    at = functools.partial(Folder.at, path, uri, name)
                    await self._open(await self._work.admin(at))

    async def close(self, uris: Iterable[str]) -> None:
        """Stop serving folders; unknown ones are ignored."""
        async with self._changing:
            for uri in uris:
                path = path_of(uri)
                if path is not None and path in self.roots:
                    await self._stop(self.roots[path])

    async def configure(self, client: ClientSettings) -> None:
        """Use what `client` says from now on, touching only what that changes."""
        async with self._changing:
            self._client = client
            for root in tuple(self.roots.values()):
                await self._reconfigure(root)
            self._encoders.keep(root.settings.encoder for root in self.roots.values())

    async def reconfigure(self) -> None:
        """Ask the client, and read the settings files, again."""
        await self.configure(self._client)

    def settings(self) -> Settings:
        """Those of the first folder, or the defaults: for what belongs to no folder."""
        return next((root.settings for root in self.roots.values()), Settings())

    def find(self, path: Path) -> tuple[Root, str] | None:
        """The innermost folder that holds `path`, and the path relative to it."""
        return self._holder(path) or self._holder(_real(path))

    def _holder(self, path: Path) -> tuple[Root, str] | None:
        held = [(root, root.folder.holds(path)) for root in self.roots.values()]
        holders = [(root, relative) for root, relative in held if relative is not None]
        return max(holders, key=lambda holder: len(holder[0].folder.real.parts), default=None)

    def choose(self, uris: Sequence[str]) -> list[Root]:
        """The named folders, or all of them. JsonRpcInvalidParams for one that is not open."""
        chosen: dict[Path, Root] = {}
        for uri in uris:
            path = path_of(uri)
            if path is None or path not in self.roots:
                raise invalid(f"{uri} is not an open folder", "Add it to the workspace folders.")
            chosen[path] = self.roots[path]
        return list(chosen.values() if uris else self.roots.values())

    def stop(self) -> None:
        """Leave all indexes in order, at the end of the process, from any thread."""
        stop_all(tuple(self.roots.values()))

    async def _open(self, folder: Folder) -> None:
        """One folder that cannot be served does not keep the others from being."""
        try:
            await self._start(folder, await self._settings_of(folder))
        except (CodesearchError, OSError) as error:
            self._tell([f"{folder.path} is not searched: {error}"])
        except Exception as error:
            _log.exception("%s is not searched", folder.path)
            self._tell([f"{folder.path} is not searched: {error!r}"])

    async def _start(self, folder: Folder, settings: Settings) -> None:
        loop = asyncio.get_running_loop()

        def on_status(status: IndexStatus) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._heard, folder.path, status)

        self._put(
            await self._work.admin(lambda: start_root(folder, settings, self._encoders, on_status))
        )

    async def _stop(self, root: Root) -> None:
        del self.roots[root.path]
        for listener in self.listeners.closed:
            listener(root.path)
        await self._work.admin(lambda: stop_root(root))

    async def _reconfigure(self, root: Root) -> None:
        settings = await self._settings_of(root.folder)
        if settings == root.settings:
            return
        if (settings.encoder, settings.indexing) == (root.settings.encoder, root.settings.indexing):
            self._put(await self._work.admin(lambda: with_settings(root, settings, self._encoders)))
        else:
            # It stays among the roots meanwhile: searches go on with what is there.
            await self._work.admin(lambda: stop_root(root))
            await self._open(root.folder)

    def _put(self, root: Root) -> None:
        self.roots[root.path] = root
        for listener in self.listeners.opened:
            listener(root)

    async def _settings_of(self, folder: Folder) -> Settings:
        client = await self._client(folder.uri)
        settings, problems = await self._work.admin(lambda: load_settings(folder.path, client))
        self._tell(problems)
        return settings

    def _tell(self, problems: Sequence[str]) -> None:
        for listener in self.listeners.problems if problems else ():
            listener(problems)

    def _heard(self, path: Path, status: IndexStatus) -> None:
        for listener in self.listeners.status:
            listener(path, status)
