-- Configuration for vim.lsp.enable("codesearch"); override any of it with vim.lsp.config().
return {
  cmd = { require('codesearch.install').command(), 'serve', '--stdio' },
  -- Every file belongs to some repository; buffers that show no file do not.
  root_dir = function(buffer, on_dir)
    local root = require('codesearch.client').root_of(buffer)
    if root then
      on_dir(root)
    end
  end,
  reuse_client = function(client, config)
    return require('codesearch.client').reuse(client, config)
  end,
  on_init = function(client)
    require('codesearch.client').started(client)
  end,
  on_exit = function(_, _, id)
    require('codesearch.client').exited(id)
  end,
  handlers = {
    ['codesearch/status'] = function(_, status, context)
      require('codesearch.status').update(context.client_id, status)
    end,
  },
  -- The server's code action and code lens, shown as any other search.
  commands = {
    ['codesearch.findSimilar'] = function(command)
      require('codesearch').similar({ params = (command.arguments or {})[1] })
    end,
  },
  settings = { codesearch = vim.empty_dict() },
}
