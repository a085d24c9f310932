-- What goes wrong, and what is not a plain file of one repository: several roots, buffers without
-- a file, a server that dies or is restarted, columns on lines with wide characters.
local S = dofile(vim.env.PROBE_SESSION)
local seen, root = S.seen, S.root
local cs = require('codesearch')

local progress = {}
vim.api.nvim_create_autocmd('LspProgress', {
  callback = function(event)
    local value = event.data.params.value
    table.insert(progress, { kind = value.kind, title = value.title })
  end,
})
vim.lsp.config('codesearch', { cmd = S.command })
vim.lsp.enable('codesearch')
vim.cmd.edit(root .. '/notify/dispatch.py')
local client = S.client()
S.until_indexed(client)

-- A second root is served by the same server, and searched by itself unless all are wanted.
-- It is large enough for its indexing to be told as progress.
local lines = { 'def polish_the_teapot():', '    return "shiny"' }
for number = 1, 100 do
  table.insert(lines, ('def pour_%d(cup):'):format(number))
  table.insert(lines, ('    return cup.fill(%d) + "%s"'):format(number, ('tea '):rep(number % 40)))
end
local teapots = S.folder({ ['tea.py'] = lines })
vim.cmd.edit(teapots .. '/tea.py')
local function paths(hits)
  return vim.tbl_map(function(hit)
    return hit.path
  end, hits)
end
seen.second_root = paths(S.found('polish_the_teapot', { limit = 1 }))
seen.second_root_alone = paths(S.found('polish_the_teapot sign_webhook'))
seen.all_roots = paths(S.found('polish_the_teapot sign_webhook', { all = true }))
seen.servers = #vim.lsp.get_clients({ name = 'codesearch' })
S.until_true('progress', function()
  local last = progress[#progress]
  return last and last.kind == 'end'
end)
seen.progress = vim.deepcopy(progress)
seen.teapots = vim.fs.basename(teapots)

-- Buffers that show no file: they are no documents of the server, but can be searched from.
vim.cmd('enew')
vim.api.nvim_buf_set_lines(0, 0, -1, false, { 'def again(f):', '    while True:', '        f()' })
local function nameless(ask)
  local answer = S.hits_of(ask)
  return { count = #answer.hits, err = answer.err }
end
seen.nameless = {
  attached = #vim.lsp.get_clients({ bufnr = 0 }),
  similar = nameless(cs.similar),
  lines = nameless(function(done)
    cs.similar(vim.tbl_extend('force', { lines = { 2, 3 } }, done))
  end),
  search = nameless(function(done)
    cs.search('sign_webhook', done)
  end),
  duplicates = nameless(cs.duplicates),
  statusline = cs.statusline(),
}
vim.cmd('bwipeout! | help codesearch')
seen.help = {
  attached = #vim.lsp.get_clients({ bufnr = 0 }),
  search = nameless(function(done)
    cs.search('sign_webhook', done)
  end),
}
vim.cmd('helpclose')
vim.cmd.edit(root .. '/brand_new.py') -- a file that is not on disk yet
vim.api.nvim_buf_set_lines(0, 0, -1, false, { 'def never_saved_before():', '    return 1' })
seen.not_on_disk = S.found('never_saved_before')[1].path
vim.cmd('bwipeout!')

-- The server dies while it is asked: that fails once, and the next search has a new server with
-- the open buffers.
vim.cmd.edit(root .. '/notify/dispatch.py')
local before, failures = S.status(client).pid, {}
seen.notices = {}
vim.uv.kill(before, 'sigstop') -- so that it cannot answer first
cs.search('who answers this', {
  on_done = function(_, err)
    table.insert(failures, err or 'answered')
  end,
})
vim.uv.kill(before, 'sigkill')
seen.crash_notice = S.told('signal 9')
S.until_true('the failure', function()
  return #failures > 0
end)
seen.failures = failures
seen.statusline_crashed = cs.statusline()
seen.after_crash = S.found('sign_webhook')[1].name
client = S.client()
seen.another_server = S.status(client).pid ~= before
seen.attached_again = vim.lsp.buf_is_attached(0, client.id)

-- `:lsp restart` of Neovim 0.12, `:LspRestart` of nvim-lspconfig where that is at hand, else its
-- steps. Both roots are served again without anyone asking.
local function restart()
  if vim.fn.exists(':lsp') == 2 then
    vim.cmd('lsp restart codesearch')
    return ':lsp restart'
  elseif vim.fn.exists(':LspRestart') == 2 then
    vim.cmd('LspRestart codesearch')
    return ':LspRestart'
  end
  vim.lsp.enable('codesearch', false)
  vim.defer_fn(function()
    vim.lsp.enable('codesearch')
  end, 500)
  return 'off and on'
end
before, seen.notices = S.status(client).pid, {}
local old = client.id
seen.restarted_by = restart()
S.until_true('another server', function()
  return #vim.lsp.get_clients({ name = 'codesearch', bufnr = 0 }) == 1
    and not vim.lsp.get_clients({ name = 'codesearch', bufnr = 0 })[1]:is_stopped()
    and vim.lsp.get_clients({ name = 'codesearch', bufnr = 0 })[1].id ~= old
end)
client = S.client()
seen.restarted = S.status(client).pid ~= before
S.until_true('both roots', function()
  return #S.status(client).roots == 2
end)
seen.roots_again = vim.tbl_map(function(one)
  return one.path
end, S.status(client).roots)
seen.after_restart = S.found('sign_webhook')[1].name
seen.servers_after_restart = #vim.lsp.get_clients({ name = 'codesearch' })
seen.restart_notices = seen.notices

-- Wide characters before a name, in both encodings that Neovim has: what the server says comes to
-- stand on the name, and what the cursor is on is what is compared.
local wide = '/* ' .. ('é𝄞'):rep(12) .. ' */ '
local first = 'function fillTheKettle(cup) { return cup.water + cup.milk * 2 }'
local second = ' function emptyTheKettle(q) { for (const x of q) { x.drop() } }'
local kettles = S.folder({
  ['kettle.js'] = { wide .. first .. second },
  ['fill.js'] = { first },
  ['empty.js'] = { second },
})
vim.cmd.edit(kettles .. '/kettle.js')
S.found('fillTheKettle')
S.until_indexed(client)
local function columns(encoding)
  vim.lsp.enable('codesearch', false)
  S.until_true('the server to stop', function()
    return #vim.lsp.get_clients({ name = 'codesearch' }) == 0
  end)
  local capabilities = { general = { positionEncodings = { encoding } } }
  vim.lsp.config('codesearch', { capabilities = capabilities })
  vim.cmd.edit(kettles .. '/kettle.js')
  vim.lsp.enable('codesearch')
  local result = { encoding = S.client().offset_encoding }
  local hit = S.found('fillTheKettle', { paths = { 'kettle.js' } })[1]
  result.character = hit.selectionRange.start.character
  result.item = S.after('CodeSearch fillTheKettle path:kettle.js').items[1]
  vim.cmd('cfirst')
  local at = vim.api.nvim_win_get_cursor(0)[2]
  result.under_cursor = vim.api.nvim_get_current_line():sub(at + 1, at + #'fillTheKettle')
  result.similar = paths(S.hits_of(cs.similar).hits)[1]
  -- An edit behind wide characters, which is sent as a range in the same encoding.
  vim.api.nvim_buf_set_text(0, 0, at, 0, at + #'fill', { 'heat' })
  hit = S.found('heatTheKettle')[1]
  result.edited = hit.name
  result.signature = hit.signature
  vim.cmd('bwipeout!')
  return result
end
seen.columns = { ['utf-8'] = columns('utf-8'), ['utf-16'] = columns('utf-16') }

S.finish()
