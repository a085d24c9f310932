--- How the indexes stand: what the server last said, for the statusline and for a window.
local client = require('codesearch.client')

local M = {}

---@type table<integer, codesearch.Status>
local last = {}

--- What the server says about itself, whenever something changed.
---@param id integer client
---@param status? codesearch.Status
function M.update(id, status)
  if type(status) ~= 'table' or type(status.roots) ~= 'table' then
    return
  end
  last[id] = status
  vim.api.nvim_exec_autocmds('User', { pattern = 'CodesearchStatus', data = status })
  vim.cmd('redrawstatus')
end

--- A server that ended has no status.
---@param id integer client
function M.forget(id)
  last[id] = nil
end

---@return codesearch.Status?
function M.known()
  local server = client.find()
  return server and last[server.id]
end

---@param root codesearch.RootStatus
---@return integer percent searchable by meaning
local function percent(root)
  return root.units == 0 and 0 or math.floor(100 * root.encoded / root.units)
end

--- The folder of the current buffer, else the first.
---@param status codesearch.Status
---@return codesearch.RootStatus?
local function here(status)
  local path = client.root_of(vim.api.nvim_get_current_buf())
  local uri = path and vim.uri_from_fname(path)
  return vim.iter(status.roots):find(function(root)
    return root.root == uri
  end) or status.roots[1]
end

--- `codesearch 63%` while it works, `codesearch` when all is searchable, empty without a server.
---@return string
function M.line()
  local status = M.known()
  local root = status and here(status)
  if not root then
    return ''
  end
  if root.phase == 'paused' or root.phase == 'error' then
    return 'codesearch ' .. root.phase
  end
  local done = root.complete or root.phase == 'ready'
  return done and 'codesearch' or ('codesearch %d%%%%'):format(percent(root))
end

---@param name string
---@param value any
---@return string
local function row(name, value)
  return ('  %-10s %s'):format(name, tostring(value))
end

---@param root codesearch.RootStatus
---@return string[]
local function about(root)
  local lines = { ('%s  %s'):format(vim.fs.basename(root.path), root.path) }
  table.insert(lines, row('phase', root.phase))
  table.insert(lines, row('index', ('%d files, %d units'):format(root.files, root.units)))
  table.insert(lines, row('by meaning', ('%d units, %d%%'):format(root.encoded, percent(root))))
  table.insert(lines, row('encoder', root.encoder))
  table.insert(lines, row('kept by', root.isWriter and 'this server' or 'another process'))
  local stale = type(root.staleness) == 'table' and root.staleness or {}
  if (stale.dirty or 0) > 0 then
    local paths = stale.dirty == 1 and 'path' or 'paths'
    table.insert(lines, row('changed', ('%d %s not read yet'):format(stale.dirty, paths)))
  end
  for reason, count in vim.spairs(root.skipped or {}) do
    table.insert(lines, row('skipped', ('%d: %s'):format(count, reason)))
  end
  for _, warning in ipairs(root.warnings or {}) do
    table.insert(lines, row('warning', warning))
  end
  if type(root.lastError) == 'string' then
    table.insert(lines, row('error', root.lastError))
  end
  return lines
end

--- The status as lines of text.
---@param status codesearch.Status
---@return string[]
function M.lines(status)
  local lines = { ('codesearch %s, process %d'):format(status.version, status.pid) }
  for _, root in ipairs(status.roots) do
    table.insert(lines, '')
    for _, line in ipairs(about(root)) do
      vim.list_extend(lines, vim.split(line, '\n'))
    end
  end
  return lines
end

--- Asks the server and shows the answer in a floating window; `q` or Escape closes it.
function M.show()
  client.request('codesearch/status', vim.empty_dict(), function(status, err, server)
    if not status then
      return client.notify(err or 'no answer', vim.log.levels.WARN)
    end
    if server then
      M.update(server.id, status)
    end
    local lines = M.lines(status)
    local buffer, window = vim.lsp.util.open_floating_preview(lines, '', {
      border = 'rounded',
      focus_id = 'codesearch.status',
      title = ' codesearch ',
      wrap = false,
    })
    vim.bo[buffer].filetype = 'codesearch-status'
    vim.api.nvim_set_current_win(window)
    vim.fn.matchadd('CodesearchName', [[^\S.*]])
    vim.fn.matchadd('CodesearchKind', [[^  \S\+\( meaning\| by\)\?\ze  *]])
    vim.fn.matchadd('CodesearchWarning', [[^  \(warning\|error\) .*]])
    for _, key in ipairs({ 'q', '<Esc>' }) do
      vim.keymap.set('n', key, '<Cmd>close<CR>', { buffer = buffer, nowait = true })
    end
  end)
end

return M
