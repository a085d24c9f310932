"""Settings from the client: asked for where it answers, taken as pushed where it does not."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

from lsprotocol import types
from pygls.capabilities import get_capability
from pygls.exceptions import JsonRpcException

from codesearch.server.app import CodesearchServer

_log = logging.getLogger(__name__)

SECTION = "codesearch"
_ASKED = "workspace.configuration"
# A client that said it answers, and does not, is not waited for longer than this.
_ANSWER_SECONDS = 5.0


def add(server: CodesearchServer) -> None:
    """Handle `workspace/didChangeConfiguration`, and tell the user of values not used."""
    told: set[str] = set()

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def changed(ls: CodesearchServer, params: types.DidChangeConfigurationParams) -> None:
        ls.client_is_silent = False
        ls.work.spawn(_reconfigure(ls, params.settings))

    def report(problems: Sequence[str]) -> None:
        new = [problem for problem in problems if problem not in told]
        told.update(new)
        if new:
            message = "codesearch: " + "; ".join(new)
            server.window_show_message(
                types.ShowMessageParams(type=types.MessageType.Warning, message=message)
            )

    server.session.listeners.problems.append(report)


async def ask(ls: CodesearchServer, uri: str) -> Mapping[str, Any]:
    """The client's settings for a folder: what it answers, over its `initializationOptions`."""
    options = _settings(ls.initialize_params.initialization_options)
    if ls.client_is_silent or not get_capability(ls.client_capabilities, _ASKED):
        return options
    wanted = types.ConfigurationParams([types.ConfigurationItem(uri, SECTION)])
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            answer = await ls.workspace_configuration_async(wanted)
    except (TimeoutError, JsonRpcException) as error:
        # The next folder does not wait as long again, until the client speaks of settings.
        ls.client_is_silent = isinstance(error, TimeoutError)
        _log.warning("the client did not tell its settings: %s", error)
        return options
    return _over(options, _settings(answer[0] if answer else None))


def watch(ls: CodesearchServer) -> None:
    """Ask to be told of changes, by clients that tell only those who ask."""
    dynamic = "workspace.did_change_configuration.dynamic_registration"
    if get_capability(ls.client_capabilities, dynamic):
        registration = types.Registration(
            id=SECTION,
            method=types.WORKSPACE_DID_CHANGE_CONFIGURATION,
            register_options=types.DidChangeConfigurationRegistrationOptions(section=SECTION),
        )
        ls.client_register_capability(types.RegistrationParams([registration]))


async def _reconfigure(ls: CodesearchServer, pushed: Any) -> None:
    await ls.session.started.wait()
    if get_capability(ls.client_capabilities, _ASKED):
        await ls.session.reconfigure()
        return
    options = _settings(ls.initialize_params.initialization_options)
    merged = _over(options, _settings(pushed))

    async def told(_: str) -> Mapping[str, Any]:
        return merged

    await ls.session.configure(told)


def _settings(value: Any) -> dict[str, dict[str, Any]]:
    """Groups of settings, from JSON: with or without the section around them.

    Names may be written as in JSON (`maxTokens`) or as in the settings files (`max_tokens`).
    `null` stands for a value that is not set.
    """
    if isinstance(value, Mapping) and isinstance(value.get(SECTION), Mapping):
        value = value[SECTION]
    if not isinstance(value, Mapping):
        return {}
    return {
        _snake(group): {_snake(key): each for key, each in entries.items() if each is not None}
        if isinstance(entries, Mapping)
        else entries
        for group, entries in value.items()
        if entries is not None
    }


def _over(base: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for group, entries in top.items():
        under = merged.get(group)
        if isinstance(under, Mapping) and isinstance(entries, Mapping):
            merged[group] = {**under, **entries}
        else:
            merged[group] = entries
    return merged


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
