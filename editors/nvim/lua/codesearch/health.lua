--- `:checkhealth codesearch`.
local client = require('codesearch.client')
local install = require('codesearch.install')

local M = {}

local PROTOCOL = 1
local health = vim.health

local function check_neovim()
  local version = tostring(vim.version())
  if vim.fn.has('nvim-0.11') == 1 then
    health.ok('Neovim ' .. version)
  else
    health.error('Neovim ' .. version .. ' is too old', 'Neovim 0.11 or newer is needed')
  end
end

---@param command string[]
---@return string? output
local function output(command)
  local ok, result = pcall(function()
    return vim.system(command, { text = true }):wait(20000)
  end)
  if ok and result.code == 0 then
    return vim.trim(result.stdout)
  end
end

--- The configured command, if it is a list of words.
---@return string[]?
local function server_command()
  local config = vim.lsp.config.codesearch
  local cmd = config and config.cmd
  if type(cmd) == 'table' then
    return cmd
  end
  if cmd then
    health.info('the command is a function; not looked at')
  else
    health.error('no configuration', 'add editors/nvim to runtimepath')
  end
end

--- Which Python runs the server: that beside the program, or the program itself.
---@param program string
---@return string?
local function python_of(program)
  local real = vim.fn.exepath(program)
  if vim.fs.basename(real):match('^python') then
    return real
  end
  local beside = vim.fs.joinpath(vim.fs.dirname(real), 'python')
  return vim.fn.executable(beside) == 1 and beside or nil
end

local function check_command()
  local cmd = server_command()
  if not cmd then
    return
  end
  if vim.fn.executable(cmd[1]) == 0 then
    return health.error(cmd[1] .. ' cannot be run', {
      "install it with :lua require('codesearch.install').build()",
      "or name it: vim.lsp.config('codesearch', { cmd = { '/path/to/codesearch', 'serve' } })",
    })
  end
  health.ok('command: ' .. table.concat(cmd, ' '))
  local own = cmd[1] == install.command() and cmd[1] ~= 'codesearch'
  health.info(own and 'installed with this plugin' or 'not installed by this plugin')
  local python = python_of(cmd[1])
  if python then
    local version = output({ python, '--version' })
    health.info(('Python: %s (%s)'):format(version or 'does not answer', python))
  end
  if vim.lsp.is_enabled and vim.lsp.is_enabled('codesearch') then
    health.ok('enabled: it starts with the first file')
  else
    health.info("not enabled: it starts with the first search, or use vim.lsp.enable('codesearch')")
  end
end

---@param server vim.lsp.Client
---@return table? answer of the status request
local function check_capabilities(server)
  local experimental = server.server_capabilities.experimental
  local own = type(experimental) == 'table' and experimental.codesearch
  if type(own) ~= 'table' then
    return health.error('this server is not codesearch')
  end
  if own.version > PROTOCOL then
    health.warn(
      ('the server speaks protocol %d, this plugin %d'):format(own.version, PROTOCOL),
      'update the plugin'
    )
  else
    health.ok(('protocol %d'):format(own.version))
  end
  health.ok('position encoding: ' .. server.offset_encoding)
  local answer, err = server:request_sync('codesearch/status', vim.empty_dict(), 5000)
  if not answer or answer.err then
    health.error('no status: ' .. (err or vim.inspect(answer and answer.err)))
    return nil
  end
  return answer.result
end

---@param root codesearch.RootStatus
local function check_root(root)
  health.info(('%s (%s)'):format(vim.fs.basename(root.path), root.path))
  local text = ('index: %s, %d files, %d of %d units by meaning'):format(
    root.phase,
    root.files,
    root.encoded,
    root.units
  )
  if root.phase == 'error' then
    health.error(text, type(root.lastError) == 'string' and root.lastError or nil)
  elseif root.phase == 'paused' then
    health.warn(text, ':CodeSearchResume goes on')
  else
    health.ok(text)
  end
  health.info('encoder: ' .. root.encoder)
  if #(root.warnings or {}) == 0 then
    health.ok('watcher: no warnings')
  end
  for _, warning in ipairs(root.warnings or {}) do
    health.warn(warning)
  end
end

local function check_server()
  local server = client.find()
  if not server then
    return health.info('not running; it starts with the first file or search')
  end
  local status = check_capabilities(server)
  if not status then
    return
  end
  health.ok(('codesearch %s, process %d'):format(status.version, status.pid))
  for _, root in ipairs(status.roots) do
    check_root(root)
  end
end

--- Called by `:checkhealth`.
function M.check()
  health.start('codesearch: installation')
  check_neovim()
  check_command()
  health.start('codesearch: server')
  check_server()
  health.start('codesearch: pickers')
  local found = require('codesearch.pickers').installed()
  health.info(#found > 0 and table.concat(found, ', ') or 'none; vim.ui.select is used')
end

return M
