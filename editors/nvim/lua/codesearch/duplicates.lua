--- Functions of a buffer that nearly exist a second time: `codesearch/duplicates`.
local client = require('codesearch.client')
local config = require('codesearch.config')

local M = {}

--- The pairs of all functions, those most alike first; of two that found each other, one.
---@param functions codesearch.Hit[] each with its `copies`
---@return codesearch.Hit[]
local function ranked(functions)
  local found, seen = {}, {}
  local function key(hit)
    return ('%s:%d'):format(hit.location.uri, hit.selectionRange.start.line)
  end
  for _, origin in ipairs(functions) do
    for _, hit in ipairs(origin.copies) do
      local a, b = key(hit), key(origin)
      if not seen[a .. ' ' .. b] then
        seen[b .. ' ' .. a] = true
        hit.origin, hit.place = origin, #found -- table.sort is not stable
        table.insert(found, hit)
      end
    end
  end
  table.sort(found, function(a, b)
    if a.score ~= b.score then
      return a.score > b.score
    end
    return a.place < b.place
  end)
  return found
end

---@param answer { functions: table[], notes: string[] }
---@param uri string of the document
---@param server vim.lsp.Client
---@return codesearch.Hit[]
local function pairs_of(answer, uri, server)
  for _, origin in ipairs(answer.functions) do
    origin.location = { uri = uri, range = origin.range }
    require('codesearch').hits({ hits = origin.copies }, server)
  end
  return ranked(answer.functions)
end

--- Shows pairs, unless the caller wants them.
---@param options codesearch.DuplicatesOptions
---@param found? codesearch.Hit[]
---@param err? string
local function report(options, found, err)
  if options.on_done then
    return options.on_done(found, err)
  end
  if not found then
    return client.notify(err or 'no answer', vim.log.levels.WARN)
  end
  if #found == 0 then
    return client.notify('no duplicates of the functions of this buffer')
  end
  require('codesearch.show').show(options.view or config.get().view, 'Duplicates', found)
end

--- See `require('codesearch').duplicates`.
---@param options codesearch.DuplicatesOptions
---@return fun() cancel
function M.find(options)
  local buffer = vim.api.nvim_get_current_buf()
  if not client.root_of(buffer) then
    report(options, nil, 'this buffer shows no file')
    return function() end
  end
  local uri = vim.uri_from_bufnr(buffer)
  return client.request('codesearch/duplicates', function(server)
    return {
      textDocument = { uri = uri },
      threshold = options.threshold or config.get().duplicates,
      limit = options.limit,
      roots = client.roots(server, options.all, buffer),
    }
  end, function(answer, err, server)
    if not answer then
      return report(options, nil, err)
    end
    for _, note in ipairs(answer.notes or {}) do
      client.notify(note)
    end
    report(options, pairs_of(answer, uri, server))
  end)
end

return M
