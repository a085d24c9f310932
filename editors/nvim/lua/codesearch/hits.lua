--- Hits as text and as places. The server has ranked them; nothing here changes their order.
local M = {}

---@param value any
---@return string
local function text(value)
  return type(value) == 'string' and value or ''
end

--- The signature, or what stands first where there is none.
---@param hit codesearch.Hit
---@return string
function M.title(hit)
  local signature = text(hit.signature)
  if signature == '' then
    signature = vim.trim(text(hit.snippet)):match('[^\n]+') or text(hit.name)
  end
  return (signature:gsub('%s+', ' '))
end

--- Score and reason: `0.99 words, vector`.
---@param hit codesearch.Hit
---@return string
function M.reason(hit)
  local why = hit.explanation
  local views = type(why) == 'table' and type(why.views) == 'table' and why.views or {}
  if type(why) == 'table' and type(why.parts) == 'table' and why.parts.copy then
    views = vim.list_extend({ 'copy' }, views)
  end
  return vim.trim(('%.2f %s'):format(tonumber(hit.score) or 0, table.concat(views, ', ')))
end

---@param hit codesearch.Hit
---@return string absolute path
function M.file(hit)
  return vim.uri_to_fname(hit.location.uri)
end

--- A file without its folder's prefix, if it lies in the working folder.
---@param hit codesearch.Hit
---@return string
function M.short(hit)
  return vim.fn.fnamemodify(M.file(hit), ':.')
end

--- Where its name stands, as a quickfix item with columns in bytes.
---@param hit codesearch.Hit
---@return vim.quickfix.entry
function M.item(hit)
  local range = type(hit.selectionRange) == 'table' and hit.selectionRange or hit.location.range
  local place = { uri = hit.location.uri, range = range }
  -- One at a time: locations_to_items sorts a list by file and line.
  local entry = vim.lsp.util.locations_to_items({ place }, hit.encoding or 'utf-8')[1]
  -- A file that has gone since has no lines, and so no item.
  entry = entry
    or { filename = M.file(hit), lnum = range.start.line + 1, col = range.start.character + 1 }
  local score, views = M.reason(hit):match('^(%S+)%s*(.*)$')
  local like = hit.origin and hit.origin.qualifiedName .. ' ~ ' or ''
  entry.text = ('%s %s%s · %s'):format(score, like, M.title(hit), views)
  entry.user_data = hit
  return entry
end

--- Jumps to a hit, leaving a mark in the jump list.
---@param hit codesearch.Hit
---@param how? 'edit'|'split'|'vsplit'|'tabedit'
function M.open(hit, how)
  local entry = M.item(hit)
  vim.cmd("normal! m'")
  local buffer = vim.fn.bufadd(M.file(hit))
  vim.bo[buffer].buflisted = true
  local command = ({ split = 'sbuffer', vsplit = 'vert sbuffer', tabedit = 'tab sbuffer' })[how]
  vim.cmd((command or 'buffer') .. ' ' .. buffer)
  local last = vim.api.nvim_buf_line_count(buffer)
  pcall(vim.api.nvim_win_set_cursor, 0, { math.min(entry.lnum, last), entry.col - 1 })
  vim.cmd('normal! zvzz')
end

return M
