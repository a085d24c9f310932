--- Shows hits. The server has ranked them; nothing here changes their order.
local M = {}

--- The signature, or what stands first where there is none.
---@param hit table
---@return string
local function text(hit)
  return hit.signature ~= '' and hit.signature or vim.trim(hit.snippet):match('[^\n]+') or hit.name
end

--- One hit as a quickfix item.
---@param hit table
---@param encoding string
---@return vim.quickfix.entry
local function item(hit, encoding)
  -- One at a time: locations_to_items sorts a list by file and line.
  local place = { uri = hit.location.uri, range = hit.selectionRange }
  local entry = vim.lsp.util.locations_to_items({ place }, encoding)[1]
  entry.text = text(hit)
  entry.user_data = hit
  return entry
end

---@param title string
---@param hits table[]
---@param encoding string
function M.quickfix(title, hits, encoding)
  local items = vim.tbl_map(function(hit)
    return item(hit, encoding)
  end, hits)
  vim.fn.setqflist({}, ' ', { title = title, items = items })
  vim.cmd('botright copen')
end

---@param title string
---@param hits table[]
---@param encoding string
function M.select(title, hits, encoding)
  vim.ui.select(hits, {
    prompt = title,
    kind = 'codesearch',
    format_item = function(hit)
      return ('%s  %s'):format(hit.qualifiedName, hit.path)
    end,
  }, function(hit)
    if hit then
      local place = { uri = hit.location.uri, range = hit.selectionRange }
      vim.lsp.util.show_document(place, encoding, { focus = true })
    end
  end)
end

return M
