"""Settings: layers, bad values, and what a repository may not set."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesearch.settings import Settings, load_settings


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_defaults_without_files(tmp_path: Path) -> None:
    assert load_settings(tmp_path) == (Settings(), [])


def test_layers_override_one_another(tmp_path: Path, private_home: Path) -> None:
    _write(private_home / "config.toml", "[search]\nlimit = 5\n[encoder]\nthreads = 2\n")
    _write(tmp_path / ".codesearch.toml", "[search]\nlimit = 7\n")
    assert load_settings(tmp_path)[0].search.limit == 7
    settings, problems = load_settings(tmp_path, {"search": {"limit": 9}})
    assert (settings.search.limit, settings.encoder.threads, problems) == (9, 2, [])


@pytest.mark.parametrize(
    ("group", "key", "value"),
    [
        ("search", "limit", "many"),
        ("search", "limit", -1),
        ("search", "limit", True),
        ("search", "limit", None),
        ("indexing", "ignore", "*.py"),
        ("indexing", "ignore", 3),
        ("encoder", "device", 7),
        ("encoder", "allow_remote_code", "yes"),
        ("encoder", "nonsense", 1),
        ("encoder", "device", "gpu"),
        ("encoder", "device", "cuda:x"),
        ("encoder", "pooling", "max"),
        ("encoder", "max_tokens", 8),
        ("encoder", "max_tokens", "many"),
        ("encoder", "dimension", 0),
        ("encoder", "batch_tokens", 1),
        ("encoder", "threads", -1),
        ("indexing", "max_file_bytes", 10**9),
        ("indexing", "debounce_ms", 60_001),
        ("indexing", "rescan_seconds", 0),
        ("indexing", "rescan_seconds", float("nan")),
        ("indexing", "worker_idle_seconds", float("inf")),
        ("indexing", "nice", 40),
        ("search", "limit", 0),
        ("search", "limit", 5000),
    ],
)
def test_a_bad_value_is_reported_and_the_default_stays(group: str, key: str, value: object) -> None:
    settings, problems = load_settings(None, {group: {key: value}})
    assert settings == Settings()
    assert len(problems) == 1
    assert f"{group}.{key}" in problems[0]


@pytest.mark.parametrize(
    ("group", "key", "value"),
    [
        ("encoder", "device", "cuda:1"),
        ("encoder", "pooling", "cls"),
        ("encoder", "max_tokens", 32),
        ("encoder", "cache_mb", 0),
        ("indexing", "rescan_seconds", 1),
        ("indexing", "debounce_ms", 0),
        ("search", "limit", 1000),
    ],
)
def test_values_at_the_edge_are_used(group: str, key: str, value: object) -> None:
    settings, problems = load_settings(None, {group: {key: value}})
    assert getattr(getattr(settings, group), key) == value
    assert not problems


def test_a_repository_may_only_lower_the_size_of_files(tmp_path: Path, private_home: Path) -> None:
    _write(private_home / "config.toml", "[indexing]\nmax_file_bytes = 5000\n")
    project = tmp_path / ".codesearch.toml"
    _write(project, "[indexing]\nmax_file_bytes = 4000\n")
    settings, problems = load_settings(tmp_path)
    assert (settings.indexing.max_file_bytes, problems) == (4000, [])
    _write(project, "[indexing]\nmax_file_bytes = 6000\n")
    settings, problems = load_settings(tmp_path)
    assert settings.indexing.max_file_bytes == 5000
    assert len(problems) == 1


@pytest.mark.parametrize("client", [{"search": 3}, {"nonsense": {}}, {"encoder": None}])
def test_nonsense_groups_are_reported(client: dict[str, object]) -> None:
    settings, problems = load_settings(None, client)
    assert settings == Settings()
    assert len(problems) == 1


@pytest.mark.parametrize(
    "text",
    [
        "[encoder]\nallow_remote_code = true",
        '[encoder]\nname = "/tmp/evil"',
        "[indexing]\ninclude_secrets = true",
        "encoder = 3",
    ],
)
def test_a_repository_cannot_set_what_could_harm(tmp_path: Path, text: str) -> None:
    _write(tmp_path / ".codesearch.toml", text)
    settings, problems = load_settings(tmp_path)
    assert settings == Settings()
    assert len(problems) == 1


def test_broken_files_are_reported(tmp_path: Path, private_home: Path) -> None:
    _write(private_home / "config.toml", "not toml [")
    (tmp_path / ".codesearch.toml").write_bytes(b"\xff\xfe")
    settings, problems = load_settings(tmp_path)
    assert settings == Settings()
    assert len(problems) == 2


@pytest.mark.parametrize("target", ["/dev/zero", "elsewhere.toml", "."])
def test_a_project_file_that_is_a_link_is_not_read(tmp_path: Path, target: str) -> None:
    """It comes with code that nobody vouches for, and would fill the memory from a device."""
    (tmp_path / "elsewhere.toml").write_text("[search]\nlimit = 3\n")
    (tmp_path / ".codesearch.toml").symlink_to(target)
    settings, problems = load_settings(tmp_path)
    assert settings == Settings()
    (problem,) = problems
    assert ".codesearch.toml: not read" in problem


def test_a_project_file_may_be_of_any_depth(tmp_path: Path) -> None:
    (tmp_path / ".codesearch.toml").write_text("x = " + "[" * 100_000)
    settings, problems = load_settings(tmp_path)
    assert settings == Settings()
    assert len(problems) == 1


def test_the_users_own_file_may_be_a_link(tmp_path: Path, private_home: Path) -> None:
    (tmp_path / "elsewhere.toml").write_text("[search]\nlimit = 3\n")
    (private_home / "config.toml").symlink_to(tmp_path / "elsewhere.toml")
    assert load_settings(tmp_path)[0].search.limit == 3
