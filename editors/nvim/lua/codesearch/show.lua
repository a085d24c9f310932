--- The views that every Neovim has: quickfix, location list and vim.ui.select.
local hits = require('codesearch.hits')

local M = {}

-- The score, and behind the middle dot why a hit was found.
local REASON = [[| \zs-\?\d\+\.\d\d\ze \| · [^·]*$]]

---@param title string
---@param found codesearch.Hit[]
---@param set fun(what: table)
---@param open string
local function list(title, found, set, open)
  set({ title = title, items = vim.tbl_map(hits.item, found) })
  vim.cmd(open)
  vim.fn.matchadd('CodesearchReason', REASON)
end

---@type table<string, fun(title: string, found: codesearch.Hit[])>
local views = {
  quickfix = function(title, found)
    list(title, found, function(what)
      vim.fn.setqflist({}, ' ', what)
    end, 'botright copen')
  end,
  loclist = function(title, found)
    list(title, found, function(what)
      vim.fn.setloclist(0, {}, ' ', what)
    end, 'lopen')
  end,
  select = function(title, found)
    vim.ui.select(found, {
      prompt = title,
      kind = 'codesearch',
      format_item = function(hit)
        local line = hit.selectionRange.start.line + 1
        return ('%s  %s:%d  %s'):format(hit.qualifiedName, hit.path, line, hits.reason(hit))
      end,
    }, function(hit)
      if hit then
        hits.open(hit)
      end
    end)
  end,
}

--- Shows hits in a view of Neovim's own, or in a picker.
---@param view codesearch.View
---@param title string
---@param found codesearch.Hit[]
function M.show(view, title, found)
  if views[view] then
    return views[view](title, found)
  end
  require('codesearch.pickers').show(view, title, found)
end

return M
