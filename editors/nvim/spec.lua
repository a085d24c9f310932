-- A lazy.nvim spec for a clone: { dofile('/path/to/codesearch/editors/nvim/spec.lua') }
-- `:Lazy build codesearch` installs the server that belongs to it, unless one is on PATH.
local here = vim.fs.dirname(vim.fs.normalize(debug.getinfo(1, 'S').source:sub(2)))
return {
  dir = here,
  name = 'codesearch',
  lazy = false,
  build = function()
    require('codesearch.install').build()
  end,
  config = function()
    vim.lsp.enable('codesearch')
  end,
}
