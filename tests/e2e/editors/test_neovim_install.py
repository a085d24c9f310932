"""The path of a new user: install from a local clone, open a repository, search."""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.editors.neovims import PLUGIN, VERSIONS, neovim, plugin

REPOSITORY = PLUGIN.parents[1]
CHECKOUT = ("codesearch", "editors/nvim", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md")
pytestmark = pytest.mark.timeout(400)

SEARCH = """
vim.cmd('filetype on')
vim.cmd.edit(vim.env.FIRST_FILE)
-- A repository never seen before: the first answers may come before its files are read.
local found = false
for _ = 1, 200 do
  vim.cmd('CodeSearch sign_webhook')
  found = vim.wait(1000, function() return #vim.fn.getqflist() > 0 end, 50)
  if found then break end
end
io.stdout:write('FOUND ' .. tostring(found) .. ' ' .. vim.fn.getline(1) .. '\\n')
io.stdout:write('SERVER ' .. vim.lsp.get_clients({ name = 'codesearch' })[1].config.cmd[1] .. '\\n')
vim.cmd('help codesearch')
io.stdout:write('HELP ' .. vim.fn.getline('.') .. '\\n')
vim.cmd('qa!')
"""

# Neovim's own plugin manager, as `:help codesearch-install` shows it.
PACK = """
vim.api.nvim_create_autocmd('PackChanged', {
  callback = function(event)
    if event.data.spec.name == 'codesearch' and event.data.kind ~= 'delete' then
      dofile(event.data.path .. '/editors/nvim/lua/codesearch/install.lua').build({
        python = vim.env.TEST_PYTHON,
        pip = { '--no-deps' }, -- those are here already, and are gigabytes
      })
    end
  end,
})
vim.pack.add({ { src = vim.env.CLONE, name = 'codesearch' } }, {
  confirm = false,
  load = function(plugin)
    vim.opt.runtimepath:append(plugin.path .. '/editors/nvim')
    vim.cmd.runtime('plugin/codesearch.lua')
  end,
})
vim.lsp.enable('codesearch')
-- The packages that the server needs, from where the tests have them.
vim.env.PYTHONPATH = vim.env.TEST_PACKAGES
"""

# What lazy.nvim does with a spec of a local plugin, in its order: runtimepath, build, config.
SPEC = """
local spec = dofile(vim.env.CLONE .. '/editors/nvim/spec.lua')
assert(spec.name == 'codesearch' and type(spec.build) == 'function' and spec.lazy == false)
vim.opt.runtimepath:prepend(spec.dir)
vim.cmd.runtime('plugin/codesearch.lua')
vim.env.PATH = vim.env.TEST_BIN .. ':' .. vim.env.PATH
spec.config()
"""

# The real lazy.nvim, with the one line that README.md shows.
LAZY = """
vim.go.loadplugins = true -- off when a script is run
vim.env.PATH = vim.env.TEST_BIN .. ':' .. vim.env.PATH
vim.opt.runtimepath:prepend(vim.env.LAZY)
require('lazy').setup({ dofile(vim.env.CLONE .. '/editors/nvim/spec.lua') })
"""


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with what a user of the plugin gets of ours."""
    base = tmp_path_factory.mktemp("clone")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *CHECKOUT],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.rstrip("\0").split("\0"):
        if (REPOSITORY / name).is_file():
            (base / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(REPOSITORY / name, base / name)
    who = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "a version"]):
        subprocess.run(["git", *who, *command], cwd=base, check=True)
    return base


def run(
    version: str, script: str, clone: Path, warm: tuple[Path, Path], home: Path
) -> dict[str, str]:
    """The lines that a session prints, by their first word."""
    root = shutil.copytree(warm[0], home / "parcels")
    (root / ".codesearchignore").touch()
    (home / "probe.lua").write_text(script + SEARCH)
    environment = {
        **os.environ,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_STATE_HOME": str(home / "state"),
        "CODESEARCH_CACHE_DIR": str(warm[1]),
        "CLONE": str(clone),
        "FIRST_FILE": str(root / "notify" / "dispatch.py"),
        "LAZY": str(plugin("lazy.nvim")),
        "TEST_PYTHON": sys.executable,
        "TEST_BIN": str(Path(sys.executable).parent),
        "TEST_PACKAGES": site.getsitepackages()[0],
    }
    probe = home / "probe.lua"
    answer = subprocess.run(
        [neovim(version), "--headless", "-u", "NONE", "-i", "NONE", "-n", "-l", probe],
        env=environment,
        capture_output=True,
        text=True,
        timeout=380,
        check=False,
    )
    words = (line.partition(" ") for line in answer.stdout.splitlines())
    told = {first: rest for first, _, rest in words}
    assert "HELP" in told, answer.stdout + answer.stderr
    return told


# Both, where a folder has lazy.nvim: no package registry carries it.
@pytest.mark.parametrize("script", [SPEC, *([LAZY] if plugin("lazy.nvim") else [])])
@pytest.mark.parametrize("version", VERSIONS)
def test_the_lazy_spec_is_one_line(
    version: str, script: str, clone: Path, warm: tuple[Path, Path], tmp_path: Path
) -> None:
    told = run(version, script, clone, warm, tmp_path)
    assert "sign_webhook" in told["FOUND"]
    assert told["SERVER"] == "codesearch"
    assert "*codesearch*" in told["HELP"]


@pytest.mark.parametrize("version", VERSIONS[1:])
def test_vim_pack_installs_plugin_and_server_together(
    version: str, clone: Path, warm: tuple[Path, Path], tmp_path: Path
) -> None:
    told = run(version, PACK, clone, warm, tmp_path)
    assert "sign_webhook" in told["FOUND"]
    assert told["SERVER"].startswith(str(tmp_path / "data"))


def test_the_help_tags_are_those_of_the_help(tmp_path: Path) -> None:
    """They are kept in the repository: no plugin manager makes them for a folder inside one."""
    shutil.copyfile(PLUGIN / "doc" / "codesearch.txt", tmp_path / "codesearch.txt")
    command = [str(neovim("0.11")), "--headless", "-u", "NONE", f"+helptags {tmp_path}", "+qa"]
    subprocess.run(command, check=True, timeout=60)
    assert (tmp_path / "tags").read_text() == (PLUGIN / "doc" / "tags").read_text()
