--- The language server: found, started when it is first needed, and asked.
local M = {}

local NAME = 'codesearch'
local START_MS, POLL_MS = 60000, 50

-- Requests on their way, by client: nobody answers those of a server that crashed.
---@type table<integer, table<integer, fun(err: string)>>
local pending = {}

---@param message string
---@param level? integer
function M.notify(message, level)
  vim.notify('codesearch: ' .. message, level or vim.log.levels.INFO)
end

--- The folder that a buffer belongs to: its repository, else the working folder; nil if the
--- buffer shows no file.
---@param buffer integer
---@return string?
function M.root_of(buffer)
  local name = vim.api.nvim_buf_get_name(buffer)
  if vim.bo[buffer].buftype ~= '' or name == '' or name:match('^%a[%w+.-]+://') then
    return nil
  end
  local markers = { '.git', '.hg', '.codesearch.toml', '.codesearchignore' }
  return vim.fs.root(buffer, markers) or vim.fn.getcwd()
end

---@param client vim.lsp.Client
---@param root string
---@return boolean
local function serves(client, root)
  return vim.iter(client.workspace_folders or {}):any(function(folder)
    return vim.fs.normalize(vim.uri_to_fname(folder.uri)) == vim.fs.normalize(root)
  end)
end

--- One server serves all folders: a further one is added to it. This is `reuse_client` of the
--- configuration; false makes Neovim start a server.
---@param client vim.lsp.Client
---@param config { name: string, root_dir?: string }
---@return boolean
function M.reuse(client, config)
  if client.name ~= config.name or client:is_stopped() then
    return false
  end
  local root = config.root_dir
  if root and not serves(client, root) then
    local folder = { uri = vim.uri_from_fname(root), name = root }
    client.workspace_folders = client.workspace_folders or {}
    table.insert(client.workspace_folders, folder)
    if client.initialized then
      M.tell_folders(client, { folder })
    end
  end
  return true
end

---@param client vim.lsp.Client
---@param added lsp.WorkspaceFolder[]
function M.tell_folders(client, added)
  local event = { added = added, removed = {} }
  client:notify('workspace/didChangeWorkspaceFolders', { event = event })
end

--- Adds the folder of every buffer that is attached without `reuse`, as `:lsp restart` does.
local function watch_attached()
  vim.api.nvim_create_autocmd('LspAttach', {
    group = vim.api.nvim_create_augroup('codesearch', {}),
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      if client and client.name == NAME then
        M.reuse(client, { name = NAME, root_dir = M.root_of(event.buf) })
      end
    end,
  })
end

--- `on_init` of the configuration: folders that were added while the server started.
---@param client vim.lsp.Client
function M.started(client)
  watch_attached()
  local first = client.config.root_dir
  local later = vim.tbl_filter(function(folder)
    return not first or folder.uri ~= vim.uri_from_fname(first)
  end, client.workspace_folders or {})
  if #later > 0 then
    M.tell_folders(client, later)
  end
end

--- `on_exit` of the configuration: fails what was asked. Neovim itself tells of a crash, and the
--- next search starts a server.
---@param id integer
function M.exited(id)
  vim.schedule(function()
    local waiting = pending[id] or {}
    pending[id] = nil
    require('codesearch.status').forget(id)
    for _, fail in pairs(waiting) do
      fail('the server has stopped')
    end
  end)
end

--- The running client: that of the current buffer, else any.
---@return vim.lsp.Client?
function M.find()
  local function alive(filter)
    return vim.iter(vim.lsp.get_clients(filter)):find(function(client)
      return not client:is_stopped()
    end)
  end
  return alive({ name = NAME, bufnr = 0 }) or alive({ name = NAME })
end

--- Attaches the loaded files that are not attached yet, so that unsaved edits are searched.
---@param id integer
local function attach_all(id)
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    local fresh = vim.api.nvim_buf_is_loaded(buffer) and not vim.lsp.buf_is_attached(buffer, id)
    if fresh and M.root_of(buffer) then
      vim.lsp.buf_attach_client(buffer, id)
    end
  end
end

---@return integer? id, string? err
local function start()
  local config = vim.deepcopy(vim.lsp.config[NAME])
  if not config or not config.cmd then
    return nil, 'no configuration: is editors/nvim in runtimepath?'
  end
  local program = type(config.cmd) == 'table' and config.cmd[1] or nil
  if program and vim.fn.executable(program) == 0 then
    return nil, program .. ' cannot be run; :checkhealth codesearch tells more'
  end
  config.name = NAME
  config.root_dir = M.root_of(vim.api.nvim_get_current_buf()) or vim.fn.getcwd()
  local ok, id = pcall(vim.lsp.start, config, { attach = false })
  if not ok or not id then
    return nil, 'the server does not start: ' .. tostring(id)
  end
  return id
end

--- Calls back with a client that is ready, starting one if none runs.
---@param callback fun(client?: vim.lsp.Client, err?: string)
function M.ensure(callback)
  local client = M.find()
  if client and client.initialized then
    attach_all(client.id)
    return callback(client)
  end
  local id, err = client and client.id, nil
  if not id then
    id, err = start()
  end
  if not id then
    return callback(nil, err)
  end
  local waited = 0
  local function look()
    local now = vim.lsp.get_client_by_id(id)
    if now and now.initialized then
      attach_all(id)
      return callback(now)
    end
    waited = waited + POLL_MS
    if not now or now:is_stopped() or waited > START_MS then
      return callback(nil, 'the server did not start; :checkhealth codesearch tells more')
    end
    vim.defer_fn(look, POLL_MS)
  end
  look()
end

--- The message of an error, with what can be done about it.
---@param err lsp.ResponseError
---@return string
local function told(err)
  local remedy = type(err.data) == 'table' and err.data.remedy
  return type(remedy) == 'string' and ('%s: %s'):format(err.message, remedy) or err.message
end

--- Sends a request. The callback is called once, unless the returned function cancels before.
---@param method string
---@param params table|fun(client: vim.lsp.Client): table
---@param callback fun(result?: table, err?: string, client?: vim.lsp.Client)
---@return fun() cancel
function M.request(method, params, callback)
  local done, sent = false, nil ---@type boolean, { client: vim.lsp.Client, id: integer }?
  local function finish(result, err, client)
    if not done then
      done = true
      callback(result, err, client)
    end
  end
  M.ensure(function(client, err)
    if done or not client then
      return finish(nil, err)
    end
    local body = type(params) == 'function' and params(client) or params
    local key ---@type integer?
    local ok, id = client:request(method, body, function(failure, result)
      if key and pending[client.id] then
        pending[client.id][key] = nil
      end
      if result == vim.NIL then
        result = nil
      end
      finish(result, failure and told(failure) or (not result and 'no answer') or nil, client)
    end)
    if not ok or not id then
      return finish(nil, 'the server has stopped')
    end
    if not done then
      key, sent = id, { client = client, id = id }
      pending[client.id] = pending[client.id] or {}
      pending[client.id][id] = function(reason)
        finish(nil, reason, client)
      end
    end
  end)
  return function()
    -- Neovim drops the callback of a cancelled request: nothing may wait for it.
    if not done and sent then
      if pending[sent.client.id] then
        pending[sent.client.id][sent.id] = nil
      end
      if not sent.client:is_stopped() then
        sent.client:cancel_request(sent.id)
      end
    end
    done = true
  end
end

--- The folders to ask about: that of the current buffer if the server has it, else all.
---@param client vim.lsp.Client
---@param all? boolean
---@param buffer? integer
---@return string[]? roots
function M.roots(client, all, buffer)
  local root = not all and M.root_of(buffer or vim.api.nvim_get_current_buf())
  if root and not serves(client, root) then
    M.reuse(client, { name = NAME, root_dir = root })
  end
  return root and { vim.uri_from_fname(root) } or nil
end

return M
