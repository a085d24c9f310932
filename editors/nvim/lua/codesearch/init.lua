--- Semantic code search through the codesearch language server.
local results = require('codesearch.results')

local M = {}

---@class codesearch.Options
---@field select? boolean show hits with vim.ui.select instead of the quickfix list
---@field limit? integer most hits to show
---@field lines? { [1]: integer, [2]: integer } 1-based inclusive lines, instead of the cursor

--- The client for the current buffer, else any codesearch client that runs.
---@return vim.lsp.Client?
local function client()
  local here = vim.lsp.get_clients({ name = 'codesearch', bufnr = 0 })[1]
  return here or vim.lsp.get_clients({ name = 'codesearch' })[1]
end

---@param message string
local function warn(message)
  vim.notify('codesearch: ' .. message, vim.log.levels.WARN)
end

--- Sends a request and shows its hits.
---@param method string
---@param params fun(client: vim.lsp.Client): table
---@param title string
---@param options codesearch.Options
local function ask(method, params, title, options)
  local server = client()
  if not server then
    return warn("the server does not run: vim.lsp.enable('codesearch'), then open a file")
  end
  server:request(method, params(server), function(err, answer)
    if err then
      return warn(err.message)
    end
    for _, note in ipairs(answer.notes) do
      vim.notify('codesearch: ' .. note, vim.log.levels.INFO)
    end
    if #answer.hits == 0 then
      return warn('nothing found')
    end
    local show = options.select and results.select or results.quickfix
    show(title, answer.hits, server.offset_encoding)
  end)
end

--- Finds code by meaning, words or name. Without a query, asks for one.
---@param query string
---@param options? codesearch.Options
function M.search(query, options)
  options = options or {}
  if query == '' then
    return vim.ui.input({ prompt = 'Code that ' }, function(text)
      if text and text ~= '' then
        M.search(text, options)
      end
    end)
  end
  ask('codesearch/search', function()
    return { query = query, limit = options.limit }
  end, 'Code search: ' .. query, options)
end

--- Finds code similar to the function at the cursor, or to some lines of the buffer.
---@param options? codesearch.Options
function M.similar(options)
  options = options or {}
  ask('codesearch/similar', function(server)
    local here = vim.lsp.util.make_position_params(0, server.offset_encoding)
    if not options.lines then
      here.limit = options.limit
      return here
    end
    local first, last = options.lines[1], options.lines[2]
    return {
      textDocument = here.textDocument,
      range = {
        start = { line = first - 1, character = 0 },
        ['end'] = { line = last, character = 0 },
      },
      limit = options.limit,
    }
  end, 'Similar code', options)
end

return M
