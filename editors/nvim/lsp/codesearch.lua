-- Configuration for vim.lsp.enable("codesearch"); override any of it with vim.lsp.config().
return {
  cmd = { 'codesearch', 'serve', '--stdio' },
  -- Every file belongs to some repository; buffers that show no file do not.
  root_dir = function(buffer, on_dir)
    if vim.bo[buffer].buftype ~= '' or vim.api.nvim_buf_get_name(buffer) == '' then
      return
    end
    local markers = { '.git', '.hg', '.codesearch.toml', '.codesearchignore' }
    on_dir(vim.fs.root(buffer, markers) or vim.fn.getcwd())
  end,
  settings = { codesearch = vim.empty_dict() },
}
