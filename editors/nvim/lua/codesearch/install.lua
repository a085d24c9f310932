--- The server in a virtual environment of its own, made from the same checkout as this plugin, so
--- that the two never differ. Called by the `build` hook; see `:help codesearch-install`.
local M = {}

--- Where the environment is.
---@return string
function M.folder()
  return vim.fs.joinpath(vim.fn.stdpath('data'), 'codesearch', 'venv')
end

---@param name string
---@return string
local function program(name)
  local windows = vim.fn.has('win32') == 1
  return vim.fs.joinpath(M.folder(), windows and 'Scripts' or 'bin', name)
end

--- The server that belongs to this plugin if it was built, else the one on PATH.
---@return string
function M.command()
  local own = program('codesearch')
  return vim.fn.executable(own) == 1 and own or 'codesearch'
end

--- The checkout that this plugin stands in.
---@return string
function M.checkout()
  local here = debug.getinfo(1, 'S').source:sub(2)
  return vim.fs.root(vim.fs.normalize(vim.fn.fnamemodify(here, ':p')), 'pyproject.toml')
    or error('codesearch: this plugin does not stand in a checkout of codesearch')
end

---@param arguments string[]
local function run(arguments)
  local result = vim.system(arguments, { text = true }):wait()
  if result.code ~= 0 then
    local said = vim.trim((result.stderr or '') .. (result.stdout or ''))
    error(('%s failed:\n%s'):format(table.concat(arguments, ' '), said))
  end
end

--- Makes or renews the environment. Takes minutes the first time (PyTorch), and raises an error
--- that says what went wrong.
---@param options? { python?: string, pip?: string[] } pip: further arguments of `pip install`
function M.build(options)
  local python = options and options.python or vim.g.codesearch_python or 'python3'
  if vim.fn.executable(python) == 0 then
    error(('codesearch: %s cannot be run; set g:codesearch_python to a Python 3.11'):format(python))
  end
  if vim.fn.executable(program('python')) == 0 then
    run({ python, '-m', 'venv', M.folder() })
  end
  local install = { program('python'), '-m', 'pip', 'install', '--quiet', '--upgrade' }
  vim.list_extend(install, options and options.pip or {})
  run(vim.list_extend(install, { M.checkout() }))
end

return M
