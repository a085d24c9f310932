-- Runs inside a real headless Neovim: opens a repository, waits for its index, uses the commands,
-- and prints what a user would then see as one JSON object.
local root, plugin, python = vim.env.PROBE_ROOT, vim.env.PROBE_PLUGIN, vim.env.PROBE_PYTHON
local seen = { notices = {} }

vim.notify = function(message)
  table.insert(seen.notices, message)
end

local function until_true(what, condition)
  if not vim.wait(120000, condition, 50) then
    error('waited in vain for ' .. what .. ' after ' .. vim.inspect(seen.notices))
  end
end

vim.cmd('filetype on') -- off under -u NONE
vim.opt.runtimepath:append(plugin)
vim.cmd.source(plugin .. '/plugin/codesearch.lua')

vim.cmd('CodeSearch too early')
seen.without_server = seen.notices[1]

vim.lsp.config('codesearch', { cmd = { python, '-m', 'codesearch.cli.main', 'serve', '--stdio' } })
vim.lsp.enable('codesearch')
vim.cmd.edit(root .. '/notify/dispatch.py')

until_true('the client', function()
  local client = vim.lsp.get_clients({ name = 'codesearch' })[1]
  return client and client.initialized
end)
local client = vim.lsp.get_clients({ name = 'codesearch' })[1]
seen.encoding = client.offset_encoding
seen.root = client.config.root_dir

until_true('the index', function()
  local answer = client:request_sync('codesearch/status', vim.empty_dict(), 5000, 0)
  local one = answer and answer.result and answer.result.roots[1]
  return one and one.complete
end)

local function quickfix()
  local list = vim.fn.getqflist({ title = 1, items = 1 })
  return {
    title = list.title,
    items = vim.tbl_map(function(item)
      return {
        file = vim.fn.fnamemodify(vim.fn.bufname(item.bufnr), ':t'),
        line = item.lnum,
        text = item.text,
        source = vim.fn.getbufline(item.bufnr, item.lnum)[1],
      }
    end, list.items),
  }
end

local function after(command)
  vim.fn.setqflist({}, 'f')
  vim.cmd(command)
  until_true(command, function()
    return #vim.fn.getqflist() > 0
  end)
  vim.cmd('wincmd p') -- the list has the focus, as after vim.lsp.buf.references()
  return quickfix()
end

seen.search = after('CodeSearch try again later when the other side is down')
vim.cmd('cfirst')
seen.first_line_shown = vim.api.nvim_get_current_line()

vim.cmd.edit(root .. '/notify/dispatch.py')
vim.fn.search('def persistently')
seen.similar = after('CodeSearchSimilar')
local from = vim.fn.search('^def sign_webhook')
seen.similar_lines = after(('%d,%dCodeSearchSimilar'):format(from, from + 4))

vim.ui.select = function(items, options, choose)
  seen.select = { count = #items, prompt = options.prompt, label = options.format_item(items[1]) }
  choose(items[1])
end
vim.cmd('CodeSearch! shortest route between depots')
until_true('vim.ui.select', function()
  return seen.select ~= nil
end)
seen.selected_file = vim.fn.expand('%:t')

-- An edit on the screen that nobody saved is found too.
vim.cmd.edit(root .. '/pricing/quotes.py')
vim.api.nvim_buf_set_lines(0, -1, -1, false, { '', 'def tickle_the_walrus():', '    return 1' })
vim.wait(200)
seen.unsaved = after('CodeSearch tickle_the_walrus')

local symbols = client:request_sync('workspace/symbol', { query = 'haversine distance on the globe' }, 30000, 0)
seen.symbols = vim.tbl_map(function(symbol)
  return symbol.name
end, symbols.result)

io.stdout:write('PROBE ' .. vim.json.encode(seen) .. '\n')
vim.cmd('qa!')
