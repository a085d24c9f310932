--- What the user set: `vim.g.codesearch`, or `require('codesearch').setup()`.
local M = {}

---@type codesearch.Config
local DEFAULTS = { view = 'quickfix', debounce = 120 }

--- The configuration as it stands now.
---@return codesearch.Config
function M.get()
  return vim.tbl_extend('force', DEFAULTS, vim.g.codesearch or {})
end

--- Sets options over those that are set.
---@param options? codesearch.Config
function M.set(options)
  vim.g.codesearch = vim.tbl_extend('force', vim.g.codesearch or {}, options or {})
end

return M
