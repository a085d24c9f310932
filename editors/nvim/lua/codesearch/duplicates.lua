--- Functions of a buffer that exist a second time: `codesearch/similar` for each of them.
local client = require('codesearch.client')
local config = require('codesearch.config')

local M = {}

local KINDS = { 'function', 'method', 'constructor' }
-- Asked at the same time; the server has few threads for searches, and others search too.
local AT_ONCE = 2
local MOST_FUNCTIONS, MOST_COPIES = 200, 5

--- The functions of a buffer in the order in which they stand, by a search for its own path.
---@param buffer integer
---@param callback fun(functions?: codesearch.Hit[], err?: string)
---@return fun() cancel
local function functions_of(buffer, callback)
  local uri = vim.uri_from_bufnr(buffer)
  return client.request('codesearch/search', function(server)
    local roots = client.roots(server, false, buffer)
    local root = roots and vim.uri_to_fname(roots[1]) or vim.fn.getcwd()
    local path = vim.fs.normalize(vim.api.nvim_buf_get_name(buffer)):sub(#root + 2)
    local glob = path:gsub('[%[%]*?\\]', '\\%0')
    local params = { query = path, kinds = KINDS, paths = { '/' .. glob }, roots = roots }
    params.limit = MOST_FUNCTIONS
    return params
  end, function(answer, err, server)
    if not answer then
      return callback(nil, err)
    end
    local found = vim.tbl_filter(function(hit)
      return hit.location.uri == uri
    end, require('codesearch').hits(answer, server))
    table.sort(found, function(a, b)
      return a.location.range.start.line < b.location.range.start.line
    end)
    callback(found)
  end)
end

--- How alike two functions are: the score without what ranking takes from a further hit of a file.
---@param hit codesearch.Hit
---@return number
local function likeness(hit)
  local parts = type(hit.explanation) == 'table' and hit.explanation.parts or {}
  return hit.score - (tonumber(parts['same file']) or 0)
end

--- The pairs of all functions, those most alike first; of two that found each other, one.
---@param pairs_of table<integer, codesearch.Hit[]>
---@return codesearch.Hit[]
local function ranked(pairs_of)
  local found, seen = {}, {}
  local function key(hit)
    return ('%s:%d'):format(hit.location.uri, hit.location.range.start.line)
  end
  for _, copies in ipairs(pairs_of) do
    for _, hit in ipairs(copies) do
      local a, b = key(hit), key(hit.origin)
      if not seen[a .. ' ' .. b] then
        seen[b .. ' ' .. a] = true
        table.insert(found, hit)
      end
    end
  end
  for place, hit in ipairs(found) do
    hit.place = place -- table.sort is not stable
  end
  table.sort(found, function(a, b)
    if a.score ~= b.score then
      return a.score > b.score
    end
    return a.place < b.place
  end)
  return found
end

---@param found codesearch.Hit[]
---@param options codesearch.DuplicatesOptions
local function report(found, options)
  if options.on_done then
    return options.on_done(found)
  end
  if #found == 0 then
    return client.notify('no duplicates of the functions of this buffer')
  end
  local view = options.view or config.get().view
  require('codesearch.show').show(view, 'Duplicates', found)
end

---@param options codesearch.DuplicatesOptions
---@param err string
local function failed(options, err)
  if options.on_done then
    return options.on_done(nil, err)
  end
  client.notify(err, vim.log.levels.WARN)
end

--- See `require('codesearch').duplicates`.
---@param options codesearch.DuplicatesOptions
---@return fun() cancel
function M.find(options)
  local buffer = vim.api.nvim_get_current_buf()
  if not client.root_of(buffer) then
    failed(options, 'this buffer shows no file')
    return function() end
  end
  local threshold = options.threshold or config.get().duplicates
  local stopped, cancels, results = false, {}, {}

  local function copies_of(index, origin, done)
    cancels[index] = client.request('codesearch/similar', function(server)
      return {
        textDocument = { uri = origin.location.uri },
        position = origin.selectionRange.start,
        kinds = KINDS,
        limit = MOST_COPIES,
        roots = client.roots(server, options.all, buffer),
      }
    end, function(answer, _, server)
      -- One function that cannot be compared does not spoil the others.
      local found = answer and require('codesearch').hits(answer, server) or {}
      results[index] = vim.tbl_filter(function(hit)
        hit.origin, hit.score = origin, likeness(hit)
        return hit.score >= threshold
      end, found)
      done()
    end)
  end

  cancels[0] = functions_of(buffer, function(functions, err)
    if not functions or #functions == 0 then
      return failed(options, err or 'no functions of this buffer are in the index')
    end
    local next_one, left = 1, #functions
    local function go_on()
      if left == 0 then
        return report(ranked(results), options)
      end
      local index = next_one
      if not stopped and index <= #functions then
        next_one = index + 1
        copies_of(index, functions[index], function()
          left = left - 1
          go_on()
        end)
      end
    end
    for _ = 1, math.min(AT_ONCE, #functions) do
      go_on()
    end
  end)
  return function()
    stopped = true
    for _, cancel in pairs(cancels) do
      cancel()
    end
  end
end

return M
