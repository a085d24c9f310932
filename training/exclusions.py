"""What training never sees: evaluation repositories, copies inside packages, tests."""

from __future__ import annotations

import re

# Owners whose every repository is (the algorithms are those of code-to-code sets).
_OWNERS = ("thealgorithms/", "semble/")
# Repositories of evaluation sets and the packages made from them, by the last part of the name.
_NAMES = frozenset(
    """
    flask click requests httpx starlette fastapi aiohttp pydantic pydantic-core model2vec
    express axios redux zod trpc vitest gin cobra chi axum serde tokio gson commons-lang
    commons-lang3 jackson-databind jackson-core libuv curl redis valkey redis-py fmt abseil
    abseil-cpp json nlohmann-json dapper messagepack-csharp messagepack newtonsoft.json sinatra
    rack rails monolog guzzle laravel framework exposed ktor kotlinx.coroutines alamofire rxswift
    snapkit vapor telescope telescope.nvim lazy.nvim mini.nvim nvm bats-core bash-it zig zls
    zig-clap ecto plug phoenix aeson xmonad pandoc circe cats http4s codebert codexglue
    codesearchnet cosqa poj-104 dataset-poj-104
    semble
    """.split()
)
_COPY = re.compile(
    r"(^|/)(_?vendor(ed)?|third[-_]?party|3rd-?party|externals?|extern|deps|node_modules|"
    r"site-packages|subprojects|benchmarks?|fixtures|generated|gen|migrations|locales?|i18n|fmt)/|"
    r"(^|/)[^/]*([._]min|[._]umd|[._]pb|_pb2)\.\w+$"
)
_TEST = re.compile(
    r"(^|/)(tests?|testing|__tests__|spec|specs)/|"
    r"(^|/)(test_[^/]*|[^/]*([._-]test|[._-]spec|Tests?|Spec)\.\w+)$"
)


def is_excluded(name: str) -> bool:
    """Whether a package or `owner/name` repository belongs to an evaluation set."""
    name = name.lower()
    return name.startswith(_OWNERS) or name.rpartition("/")[2] in _NAMES


def is_foreign(path: str) -> bool:
    """Whether a file inside a package is a bundled copy of another, a test or generated."""
    return is_test(path) or _COPY.search(path) is not None


def is_test(path: str) -> bool:
    """Whether a file is a test of its package's own code, and no copy."""
    return _TEST.search(path) is not None and _COPY.search(path) is None
