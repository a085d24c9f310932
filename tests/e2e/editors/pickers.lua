-- The configuration of a user with one picker, for test_neovim_pickers.py.
for folder in (vim.env.PROBE_EXTRA or ''):gmatch('[^:]+') do
  vim.opt.runtimepath:append(folder)
end
vim.opt.runtimepath:append(vim.env.PROBE_PLUGIN)
vim.cmd('filetype plugin on')
vim.o.laststatus = 2
vim.o.statusline = "%f %l:%c %=[%{%v:lua.require'codesearch'.statusline()%}]"
vim.o.swapfile = false

local picker = vim.env.PROBE_PICKER
if picker == 'snacks' then
  require('snacks').setup({ picker = { enabled = true } })
elseif picker == 'mini' then
  require('mini.pick').setup()
end
vim.lsp.config('codesearch', {
  cmd = { vim.env.PROBE_PYTHON, '-m', 'codesearch.cli.main', 'serve', '--stdio' },
})
vim.lsp.enable('codesearch')

--- What the server answers once its encoder is loaded: names, places, source lines.
_G.Expected = function(query)
  local client = vim.lsp.get_clients({ name = 'codesearch' })[1]
  local answer
  vim.wait(60000, function()
    answer = client:request_sync('codesearch/search', { query = query }, 60000)
    return answer and #answer.result.notes == 0
  end, 100)
  return vim.tbl_map(function(hit)
    local line = hit.selectionRange.start.line
    return {
      name = hit.name,
      qualified = hit.qualifiedName,
      path = hit.path,
      line = line + 1,
      source = vim.trim(vim.fn.readfile(vim.uri_to_fname(hit.location.uri))[line + 1]),
    }
  end, answer.result.hits)
end
