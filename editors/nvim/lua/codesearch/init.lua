--- Semantic code search through the codesearch language server. See `:help codesearch`.
local client = require('codesearch.client')
local config = require('codesearch.config')

local M = {}

M.setup = config.set

--- The params that all searches share.
---@param server vim.lsp.Client
---@param options codesearch.Options
---@param buffer integer where the search began
---@return table
local function filters(server, options, buffer)
  return {
    limit = options.limit or config.get().limit,
    languages = options.languages,
    kinds = options.kinds,
    paths = options.paths,
    excludePaths = options.exclude_paths,
    roots = client.roots(server, options.all, buffer),
  }
end

--- Sends a search and shows its hits, or hands them to `options.on_done`.
---@param method string
---@param params fun(server: vim.lsp.Client): table
---@param title string
---@param options codesearch.Options
---@return fun() cancel
local function ask(method, params, title, options)
  local buffer = vim.api.nvim_get_current_buf()
  return client.request(method, function(server)
    return vim.tbl_extend('keep', params(server), filters(server, options, buffer))
  end, function(answer, err, server)
    local hits = answer and M.hits(answer, server)
    if options.on_done then
      return options.on_done(hits, err)
    end
    if not answer or not hits then
      return client.notify(err or 'no answer', vim.log.levels.WARN)
    end
    for _, note in ipairs(answer.notes or {}) do
      client.notify(note)
    end
    if #hits == 0 then
      return client.notify('nothing found', vim.log.levels.WARN)
    end
    require('codesearch.show').show(options.view or config.get().view, title, hits)
  end)
end

--- The hits of an answer; each knows the encoding of its columns.
---@param answer codesearch.Answer
---@param server? vim.lsp.Client
---@return codesearch.Hit[]
function M.hits(answer, server)
  local found = type(answer.hits) == 'table' and answer.hits or {}
  for _, hit in ipairs(found) do
    hit.encoding = server and server.offset_encoding or 'utf-8'
  end
  return found
end

--- Finds code by meaning, words or name. Without a query, opens a live picker if there is one,
--- else asks for the query.
---@param query? string
---@param options? codesearch.Options
---@return fun()? cancel
function M.search(query, options)
  options = options or {}
  query = vim.trim(query or '')
  if query ~= '' then
    return ask('codesearch/search', function()
      return { query = query }
    end, 'Code search: ' .. query, options)
  end
  if require('codesearch.pickers').live(options) then
    return
  end
  vim.ui.input({ prompt = 'Code that ' }, function(text)
    if text and vim.trim(text) ~= '' then
      M.search(text, options)
    end
  end)
end

--- Opens a live picker: every change of the prompt is a search.
---@param options? codesearch.Options|{ query?: string }
function M.live(options)
  if not require('codesearch.pickers').live(options or {}) then
    client.notify(
      'no picker: install Telescope, fzf-lua, snacks.nvim or mini.pick',
      vim.log.levels.WARN
    )
  end
end

--- Where `codesearch/similar` starts from, seen now: the cursor may move while a server starts.
---@param options codesearch.SimilarOptions
---@return fun(server: vim.lsp.Client): table
local function origin(options)
  if options.params then
    return function()
      return options.params
    end
  end
  local lines, window = options.lines, vim.api.nvim_get_current_win()
  if options.text or not client.root_of(vim.api.nvim_get_current_buf()) then
    local first, last = unpack(lines or { 1, -1 })
    local text = options.text
      or table.concat(vim.api.nvim_buf_get_lines(0, first - 1, last, false), '\n')
    local language = vim.bo.filetype ~= '' and vim.bo.filetype or nil
    return function()
      return { text = text, languageId = language }
    end
  end
  local document = vim.lsp.util.make_text_document_params()
  if lines then
    local start = { line = lines[1] - 1, character = 0 }
    local range = { start = start, ['end'] = { line = lines[2], character = 0 } }
    return function()
      return { textDocument = document, range = range }
    end
  end
  return function(server)
    return vim.lsp.util.make_position_params(window, server.offset_encoding)
  end
end

--- Finds code similar to the function at the cursor, to some lines, or to a text. In a buffer
--- without a file it is the lines, or the whole buffer.
---@param options? codesearch.SimilarOptions
---@return fun() cancel
function M.similar(options)
  options = options or {}
  return ask('codesearch/similar', origin(options), 'Similar code', options)
end

--- Finds functions of the current buffer that exist a second time, here or elsewhere.
---@param options? codesearch.DuplicatesOptions
---@return fun() cancel
function M.duplicates(options)
  return require('codesearch.duplicates').find(options or {})
end

--- The last known status, without asking; nil before the server has said anything.
---@return codesearch.Status?
function M.status()
  return require('codesearch.status').known()
end

--- For the statusline: how far the index is; empty while no server runs.
---@return string
function M.statusline()
  return require('codesearch.status').line()
end

---@param method string
---@param said string
local function control(method, said)
  ---@param options? { all?: boolean }
  return function(options)
    client.request(method, function(server)
      return { roots = client.roots(server, options and options.all) }
    end, function(_, err)
      client.notify(err or said, err and vim.log.levels.WARN or nil)
    end)
  end
end

--- Stops indexing, goes on with it, or reads every file again.
M.pause = control('codesearch/pause', 'indexing is paused; :CodeSearchResume goes on')
M.resume = control('codesearch/resume', 'indexing goes on')
M.reindex = control('codesearch/reindex', 'reading all files again')

--- Shows how the indexes stand.
function M.show_status()
  require('codesearch.status').show()
end

return M
