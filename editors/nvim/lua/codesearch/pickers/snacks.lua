--- snacks.nvim: `++snacks`.
local picker = require('snacks.picker')

local hits = require('codesearch.hits')
local Live = require('codesearch.live')

local M = {}

---@param hit codesearch.Hit
---@param index integer
---@return table
local function item(hit, index)
  local place = hits.item(hit)
  return {
    idx = index,
    text = ('%s %s %s'):format(hit.qualifiedName, hits.short(hit), hits.title(hit)),
    file = hits.file(hit),
    pos = { place.lnum, place.col - 1 },
    hit = hit,
  }
end

---@param one table
---@return table
local function format(one)
  local hit = one.hit
  return {
    { hit.qualifiedName, 'CodesearchName' },
    { '  ' },
    { ('%s:%d'):format(hits.short(hit), one.pos[1]), 'CodesearchPath' },
    { '  ' },
    { hits.reason(hit), 'CodesearchReason' },
    { '  ' },
    { hit.kind, 'CodesearchKind' },
  }
end

--- One run of the finder: its task sleeps until the answer is there. snacks ends the task itself
--- when the prompt changes.
---@param live codesearch.Live
---@param context table
---@return fun(add: fun(item: table))
local function run(live, context)
  local query = context.filter.search
  return function(add)
    local task = context.async
    local found ---@type table[]?
    vim.schedule(function()
      if task:aborted() then
        return
      end
      live:ask(query, function(answer)
        found = {}
        for index, hit in ipairs(answer) do
          found[index] = item(hit, index)
        end
        task:resume()
      end)
    end)
    while not found do
      task:suspend()
    end
    for _, one in ipairs(found) do
      add(one)
    end
  end
end

---@param options codesearch.Options|{ query?: string }
function M.live(options)
  local live = Live.new(options)
  picker.pick({
    source = 'codesearch',
    title = 'Code search',
    live = true,
    supports_live = true,
    search = options.query,
    finder = function(_, context)
      return run(live, context)
    end,
    format = format,
    preview = 'file',
    sort = { fields = { 'idx' } },
    on_close = function()
      live:stop()
    end,
  })
end

---@param title string
---@param found codesearch.Hit[]
function M.show(title, found)
  local items = {}
  for index, hit in ipairs(found) do
    items[index] = item(hit, index)
  end
  picker.pick({ title = title, items = items, format = format, preview = 'file' })
end

return M
