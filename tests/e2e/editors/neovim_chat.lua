-- The real CodeCompanion, and what a language model would ask of it.
local S = dofile(vim.env.PROBE_SESSION)
vim.lsp.config('codesearch', { cmd = S.command })
vim.lsp.enable('codesearch')
vim.cmd.edit(S.root .. '/notify/dispatch.py')
S.until_indexed(S.client())

require('codecompanion').setup({
  extensions = { codesearch = { opts = { limit = 3 } } },
  adapters = {
    http = {
      nobody = function()
        local key = { env = { api_key = 'x' } }
        return require('codecompanion.adapters').extend('openai_compatible', key)
      end,
    },
  },
  interactions = { chat = { adapter = 'nobody' } },
})
local chat = require('codecompanion.interactions.chat').new({
  buffer_context = { bufnr = 1, filetype = 'python' },
  adapter = require('codecompanion.adapters').resolve('nobody'),
})

--- What the model is answered to one call of the tool.
local function answer(arguments)
  local messages = #chat.messages
  local call = { name = 'codesearch', arguments = vim.json.encode(arguments) }
  chat.tools:execute(chat, { { id = 'call' .. messages, type = 'function', ['function'] = call } })
  S.until_true('the tool', function()
    return #chat.messages > messages
  end)
  return chat.messages[messages + 1].content
end
S.seen.answer = answer({ query = 'how is a retry delayed' })
S.seen.empty = answer({ query = ' ' })
S.seen.shown = table.concat(vim.api.nvim_buf_get_lines(chat.bufnr, 0, -1, false), '\n')
S.finish()
