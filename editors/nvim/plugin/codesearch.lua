-- Commands and names only; nothing is loaded before one of them is used.
if vim.g.loaded_codesearch then
  return
end
vim.g.loaded_codesearch = true

local function command(name, run, attributes)
  vim.api.nvim_create_user_command(name, run, attributes)
end

local function complete(...)
  return require('codesearch.commands').complete(...)
end

command('CodeSearch', function(args)
  require('codesearch.commands').search(args)
end, {
  nargs = '*',
  bang = true,
  complete = complete,
  desc = 'Find code by meaning, words or name; with ! in a live picker',
})

command('CodeSearchSimilar', function(args)
  require('codesearch.commands').similar(args)
end, {
  nargs = '*',
  range = true,
  bang = true,
  complete = complete,
  desc = 'Find code similar to the function at the cursor, or to the lines of a range',
})

command('CodeSearchDuplicates', function(args)
  require('codesearch.commands').duplicates(args)
end, {
  nargs = '*',
  complete = complete,
  desc = 'Find functions of this buffer that exist a second time',
})

for name, method in pairs({
  Status = 'show_status',
  Pause = 'pause',
  Resume = 'resume',
  Reindex = 'reindex',
}) do
  command('CodeSearch' .. name, function()
    require('codesearch')[method]()
  end, { desc = 'The codesearch index: ' .. name:lower() })
end

local maps = {
  { 'n', 'search', '<Cmd>CodeSearch<CR>' },
  { 'n', 'word', '<Cmd>exe "CodeSearch " .. expand("<cword>")<CR>' },
  { 'n', 'similar', '<Cmd>CodeSearchSimilar<CR>' },
  { 'x', 'similar', ':CodeSearchSimilar<CR>' },
  { 'n', 'duplicates', '<Cmd>CodeSearchDuplicates<CR>' },
  { 'n', 'status', '<Cmd>CodeSearchStatus<CR>' },
}
for _, map in ipairs(maps) do
  vim.keymap.set(map[1], ('<Plug>(codesearch-%s)'):format(map[2]), map[3], { silent = true })
end

for group, link in pairs({
  CodesearchReason = 'Comment',
  CodesearchName = 'Function',
  CodesearchPath = 'Directory',
  CodesearchKind = 'Type',
  CodesearchWarning = 'DiagnosticWarn',
}) do
  vim.api.nvim_set_hl(0, group, { link = link, default = true })
end
