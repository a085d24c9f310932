-- Commands only; nothing is loaded before one of them is used.
if vim.g.loaded_codesearch then
  return
end
vim.g.loaded_codesearch = true

vim.api.nvim_create_user_command('CodeSearch', function(command)
  require('codesearch').search(command.args, { select = command.bang })
end, {
  nargs = '*',
  bang = true,
  desc = 'Find code by meaning, words or name; with ! in a picker instead of the quickfix list',
})

vim.api.nvim_create_user_command('CodeSearchSimilar', function(command)
  local range = command.range > 0 and { command.line1, command.line2 } or nil
  require('codesearch').similar({ select = command.bang, lines = range })
end, {
  range = true,
  bang = true,
  desc = 'Find code similar to the function at the cursor, or to the lines of a range',
})
