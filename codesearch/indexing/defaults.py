"""What is left out of an index unless the user says otherwise: folders and secrets."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable

# Filled by tools and never written by hand; nobody gives their own code these names, so they
# are left out even where somebody committed them.
TOOL_FOLDERS = frozenset(
    {
        # version control
        *(".git", ".hg", ".svn", ".jj", ".bzr", "CVS"),
        # packages and environments
        *("node_modules", "bower_components", "jspm_packages", ".venv", "site-packages"),
        *(".eggs", ".bundle", ".yarn", ".pnpm-store", "Pods", "elm-stuff", ".dart_tool"),
        # caches
        *("__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".tox", ".nox"),
        *(".cache", ".parcel-cache", ".turbo", ".gradle", ".ipynb_checkpoints", ".terraform"),
        *(".nyc_output", ".hypothesis", ".zig-cache", "zig-cache", ".direnv"),
        # what builds leave
        *(".next", ".nuxt", ".svelte-kit", ".angular", "DerivedData", "zig-out"),
        *("dist-newstyle", ".stack-work", "bazel-bin", "bazel-out", "bazel-testlogs"),
        # editors
        *(".idea", ".vs", ".settings"),
    }
)
_TOOL_ENDINGS = (".egg-info", ".dist-info", ".xcodeproj", ".xcassets")

# Other people's code, copied in by the tool whose file stands beside the folder. It would
# bury the project's own code, so it is left out although it is usually committed.
VENDOR_BESIDE = {
    "vendor": ("go.mod", "go.work", "composer.json", "Gemfile", "Cargo.toml"),
    "third_party": ("BUILD", "BUILD.bazel", "WORKSPACE", "MODULE.bazel", "BUILD.gn", "go.mod"),
}

# Build output. These are ordinary words and often name real code (Go's `cmd/build`), so the
# folder must stand beside the file that drives the build, and hold nothing committed.
OUTPUT_BESIDE = {
    "target": ("Cargo.toml", "pom.xml", "build.sbt", "project.clj"),
    "dist": ("package.json", "pyproject.toml", "setup.py", "setup.cfg"),
    "build": (
        *("package.json", "pyproject.toml", "setup.py", "CMakeLists.txt", "meson.build"),
        *("build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"),
        *("pubspec.yaml", "configure.ac", "Makefile"),
    ),
    "out": ("package.json", "tsconfig.json", "foundry.toml", "CMakeLists.txt", "BUILD.gn"),
    "coverage": ("package.json", "Gemfile"),
    "htmlcov": ("pyproject.toml", "setup.py", "setup.cfg", "tox.ini"),
    "_build": ("mix.exs", "dune-project", "rebar.config", "conf.py"),
    "deps": ("mix.exs", "rebar.config"),
    "venv": ("pyproject.toml", "setup.py", "requirements.txt", "manage.py"),
    "env": ("requirements.txt", "manage.py"),
}

# Files that hold keys or passwords by convention. Code about credentials is still code:
# `credentials.py` is indexed, `credentials.json` is not.
_SECRET_NAMES = (
    *(".env", ".env.*", "*.env", ".envrc", ".netrc", "_netrc", ".npmrc", ".pypirc", ".pgpass"),
    *(".htpasswd", ".git-credentials", ".dockercfg", ".terraformrc", ".vault-token", ".s3cfg"),
    *(".boto", ".my.cnf", "*.pem", "*.key", "*.p12", "*.pfx", "*.p8", "*.kdbx", "*.kdb", "*.jks"),
    *("*.keystore", "*.ppk", "*.ovpn", "*.gpg", "*.tfstate", "*.tfstate.*", "*.tfvars"),
    *("id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", "credentials", "credentials.*.enc"),
    *("service-account*.json", "service_account*.json", "master.key", "*.mobileprovision"),
)
_SECRET_STEMS = ("credentials", "secrets", ".secrets")
_DATA_ENDINGS = ("json", "yml", "yaml", "toml", "ini", "xml", "csv", "txt", "enc", "properties")
_SECRET_FOLDERS = frozenset({".aws", ".ssh", ".gnupg", ".azure", ".gcloud", ".kube", ".docker"})
# Templates that are committed to show which variables exist.
_EXAMPLE_ENDINGS = (".example", ".sample", ".template", ".dist", ".defaults", ".tpl")


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(fnmatch.translate(pattern) for pattern in patterns))


_SECRET = _any_of(
    (*_SECRET_NAMES, *(f"{stem}.{end}" for stem in _SECRET_STEMS for end in _DATA_ENDINGS))
)


def is_tool_folder(name: str) -> bool:
    """Whether a folder of this name is left out wherever it stands."""
    return name in TOOL_FOLDERS or name.endswith(_TOOL_ENDINGS)


def is_secret(path: str) -> bool:
    """Whether `path` (relative, forward slashes) holds keys or passwords by convention."""
    *folders, name = path.split("/")
    if not _SECRET_FOLDERS.isdisjoint(folders):
        return True
    lowered = name.lower()
    return bool(_SECRET.match(lowered)) and not lowered.endswith(_EXAMPLE_ENDINGS)
