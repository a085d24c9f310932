--- mini.pick: `++mini`.
local pick = require('mini.pick')

local hits = require('codesearch.hits')
local Live = require('codesearch.live')

local M = {}

---@param hit codesearch.Hit
---@return table
local function item(hit)
  local place = hits.item(hit)
  local where = ('%s:%d'):format(hits.short(hit), place.lnum)
  return {
    text = ('%s  %s  %s %s'):format(hit.qualifiedName, where, hit.kind, hits.reason(hit)),
    path = hits.file(hit),
    lnum = place.lnum,
    col = place.col,
    hit = hit,
  }
end

---@param options codesearch.Options|{ query?: string }
function M.live(options)
  local live = Live.new(options)
  local asked ---@type string?
  local function match(_, _, query)
    local text = table.concat(query)
    -- Setting items makes mini.pick match again: an answer is not a new question.
    if text == asked then
      return
    end
    asked = text
    live:ask(text, function(found)
      pick.set_picker_items(vim.tbl_map(item, found), { do_match = false })
    end)
  end
  if options.query then
    -- The picker has to be there before it can take a query.
    vim.api.nvim_create_autocmd('User', {
      pattern = 'MiniPickStart',
      once = true,
      callback = function()
        pick.set_picker_query(vim.fn.split(options.query, '\\zs'))
      end,
    })
  end
  pick.start({ source = { name = 'Code search', items = {}, match = match } })
  live:stop()
end

---@param title string
---@param found codesearch.Hit[]
function M.show(title, found)
  pick.start({ source = { name = title, items = vim.tbl_map(item, found) } })
end

return M
