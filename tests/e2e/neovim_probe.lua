-- Runs inside a real headless Neovim: opens a repository, waits for its index, uses everything the
-- plugin offers, and prints what a user would then see as one JSON object.
local root, plugin, python = vim.env.PROBE_ROOT, vim.env.PROBE_PLUGIN, vim.env.PROBE_PYTHON
local seen = { notices = {}, progress = {}, status_events = 0 }

vim.notify = function(message)
  table.insert(seen.notices, message)
end

local function until_true(what, condition)
  if not vim.wait(60000, condition, 20) then
    error('waited in vain for ' .. what .. ' after ' .. vim.inspect(seen.notices))
  end
end

vim.cmd('filetype on') -- off under -u NONE
for folder in (vim.env.PROBE_EXTRA or ''):gmatch('[^:]+') do
  vim.opt.runtimepath:append(folder)
end
vim.opt.runtimepath:append(plugin)
vim.cmd.source(plugin .. '/plugin/codesearch.lua')
seen.loaded_at_start = vim.tbl_filter(function(name)
  return vim.startswith(name, 'codesearch')
end, vim.tbl_keys(package.loaded))
vim.api.nvim_create_autocmd('LspProgress', {
  callback = function(event)
    table.insert(seen.progress, event.data.params.value.title or event.data.params.value.kind)
  end,
})
vim.api.nvim_create_autocmd('User', {
  pattern = 'CodesearchStatus',
  callback = function()
    seen.status_events = seen.status_events + 1
  end,
})

local cs = require('codesearch')
local command = { python, '-m', 'codesearch.cli.main', 'serve', '--stdio' }
vim.lsp.config('codesearch', { cmd = { root .. '/no-such-program' } })
vim.cmd('CodeSearch too early')
seen.without_server = seen.notices[1]
seen.statusline_before = cs.statusline()

vim.lsp.config('codesearch', { cmd = command })
vim.lsp.enable('codesearch')
vim.cmd.edit(root .. '/notify/dispatch.py')

local function ready_client()
  local found
  until_true('the client', function()
    found = vim.lsp.get_clients({ name = 'codesearch' })[1]
    return found and found.initialized
  end)
  return found
end
local client = ready_client()
seen.encoding = client.offset_encoding
seen.root = client.config.root_dir

local function status(of)
  local answer = of:request_sync('codesearch/status', vim.empty_dict(), 20000, 0)
  return answer and answer.result
end
until_true('the index', function()
  local now = status(client)
  return now and now.roots[1] and now.roots[1].complete
end)

local function items_of(list)
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

local function quickfix()
  return items_of(vim.fn.getqflist({ title = 1, items = 1 }))
end

local function after(what)
  vim.fn.setqflist({}, 'f')
  vim.cmd(what)
  until_true(what, function()
    return #vim.fn.getqflist() > 0
  end)
  vim.cmd('wincmd p') -- the list has the focus, as after vim.lsp.buf.references()
  return quickfix()
end

-- Calls a function of the API and waits for its hits.
local function hits_of(ask)
  local answer
  ask({
    on_done = function(hits, err)
      answer = { hits = hits or {}, err = err }
    end,
  })
  until_true('hits', function()
    return answer
  end)
  return answer
end

seen.search = after('CodeSearch try again later when the other side is down')
vim.cmd('cfirst')
seen.first_line_shown = vim.api.nvim_get_current_line()

vim.cmd.edit(root .. '/notify/dispatch.py')
vim.cmd('only')
vim.fn.search('def persistently')
seen.similar = after('CodeSearchSimilar')
local from = vim.fn.search('^def sign_webhook')
seen.similar_lines = after(('%d,%dCodeSearchSimilar'):format(from, from + 4))

-- The location list.
vim.cmd('cclose')
vim.cmd('CodeSearch ++loclist ++limit=3 sign a webhook')
until_true('the location list', function()
  return #vim.fn.getloclist(0) > 0
end)
seen.loclist = items_of(vim.fn.getloclist(0, { title = 1, items = 1 }))
vim.cmd('lclose')

vim.ui.select = function(items, options, choose)
  seen.select = { count = #items, prompt = options.prompt, label = options.format_item(items[1]) }
  choose(items[1])
end
vim.cmd('CodeSearch ++select shortest route between depots')
until_true('vim.ui.select', function()
  return seen.select ~= nil
end)
seen.selected_file = vim.fn.expand('%:t')

-- An edit on the screen that nobody saved is found too; its copy is a duplicate.
vim.cmd.edit(root .. '/pricing/quotes.py')
local body = { '', 'def tickle_the_walrus(parcels):', '    total = 0' }
vim.list_extend(body, { '    for parcel in parcels:', '        total += parcel.weight * 3' })
vim.list_extend(body, { '    return "é𝄞", total', '' })
local copy = vim.deepcopy(body)
copy[2] = 'def tickle_the_seal(parcels):'
vim.api.nvim_buf_set_lines(0, -1, -1, false, vim.list_extend(body, copy))
vim.wait(200)
seen.unsaved = after('CodeSearch tickle_the_walrus')
vim.cmd('cclose')
seen.duplicates = after('CodeSearchDuplicates')
vim.cmd('cclose')
vim.cmd('edit!')

-- The standard methods.
local symbols = client:request_sync(
  'workspace/symbol',
  { query = 'haversine distance on the globe' },
  30000,
  0
)
seen.symbols = vim.tbl_map(function(symbol)
  return symbol.name
end, symbols.result)
vim.cmd.edit(root .. '/notify/dispatch.py')
vim.fn.search('def persistently')
vim.fn.setqflist({}, 'f')
vim.lsp.buf.code_action({ apply = true })
until_true('the code action', function()
  return #vim.fn.getqflist() > 0
end)
seen.action = quickfix()
vim.cmd('cclose')

-- Status, pause, resume, reindex.
cs.show_status()
until_true('the status window', function()
  return vim.bo.filetype == 'codesearch-status'
end)
seen.status = vim.api.nvim_buf_get_lines(0, 0, -1, false)
vim.cmd('close')
seen.statusline_ready = cs.statusline()
local function phase()
  return cs.status() and cs.status().roots[1].phase
end
vim.cmd('CodeSearchPause')
until_true('the pause', function()
  return phase() == 'paused'
end)
seen.statusline_paused = cs.statusline()
vim.cmd('CodeSearchResume')
until_true('the index to go on', function()
  return phase() == 'ready'
end)
local events = seen.status_events
vim.cmd('CodeSearchReindex')
until_true('the index to be made again', function()
  return seen.status_events > events and phase() == 'ready'
end)

-- Completion, maps, highlights, help, health.
seen.complete_kind = vim.fn.getcompletion('CodeSearch kind:me', 'cmdline')
seen.complete_lang = vim.fn.getcompletion('CodeSearch lang:', 'cmdline')
seen.complete_option = vim.fn.getcompletion('CodeSearchSimilar ++lo', 'cmdline')
seen.plug = vim.fn.maparg('<Plug>(codesearch-similar)', 'x')
seen.highlight = vim.api.nvim_get_hl(0, { name = 'CodesearchReason' }).link
vim.cmd('help :CodeSearchSimilar')
seen.help = vim.api.nvim_get_current_line()
vim.cmd('helpclose')
vim.cmd('checkhealth codesearch')
until_true('the health report', function()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n'):match('pickers')
end)
seen.health = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
vim.cmd('bwipeout!')

-- A question that is withdrawn never answers, and the next one is not in its way.
local withdrawn = 0
for word = 1, 5 do
  local cancel = cs.search('parcel number ' .. word, {
    on_done = function()
      withdrawn = withdrawn + 1
    end,
  })
  cancel()
end
local live = require('codesearch.live').new({ limit = 2 })
local answers = {}
for _, text in ipairs({ 'si', 'sign', 'sign a webhook' }) do
  live:ask(text, function(hits)
    table.insert(answers, { text = text, count = #hits })
  end)
end
until_true('the last of three questions', function()
  return #answers > 0
end)
seen.live, seen.withdrawn = answers, withdrawn

-- What JSON's null becomes does no harm.
seen.null_item = require('codesearch.hits').item({
  location = {
    uri = vim.uri_from_fname(root .. '/gone.py'),
    range = { start = { line = 3, character = 1 }, ['end'] = { line = 3, character = 9 } },
  },
  selectionRange = vim.NIL,
  signature = vim.NIL,
  snippet = vim.NIL,
  explanation = vim.NIL,
  name = 'nothing',
  score = 1,
}).text

-- A buffer without a file: its text is what is compared.
vim.cmd('enew')
vim.api.nvim_buf_set_lines(0, 0, -1, false, { 'def again(f):', '    while True:', '        f()' })
local nameless = hits_of(cs.similar)
seen.nameless = { count = #nameless.hits, err = nameless.err }

-- A second root is served by the same server, and searched by itself.
local other = vim.fn.tempname()
vim.fn.mkdir(other, 'p')
vim.fn.writefile({ '' }, other .. '/.codesearchignore')
vim.fn.writefile({ 'def polish_the_teapot():', '    return "shiny"' }, other .. '/tea.py')
vim.cmd.edit(other .. '/tea.py')
local teapot
until_true('the second root', function()
  teapot = hits_of(function(options)
    cs.search('polish_the_teapot', options)
  end)
  return #teapot.hits > 0
end)
seen.second_root = vim.tbl_map(function(hit)
  return hit.path
end, teapot.hits)
seen.servers = #vim.lsp.get_clients({ name = 'codesearch' })

-- Telescope, where it is at hand.
if pcall(require, 'telescope') then
  vim.cmd('bwipeout!')
  vim.cmd.edit(root .. '/notify/dispatch.py')
  vim.o.columns, vim.o.lines = 140, 40
  require('telescope').load_extension('codesearch')
  local expected = hits_of(function(options)
    cs.search('wait longer before each attempt', options)
  end)
  seen.telescope_expected = vim.tbl_map(function(hit)
    return hit.name
  end, expected.hits)
  require('codesearch.pickers').live({ view = 'telescope' })
  local state = require('telescope.actions.state')
  local picker
  until_true('Telescope', function()
    picker = state.get_current_picker(vim.api.nvim_get_current_buf())
    return picker
  end)
  for _, text in ipairs({ 'wait', 'wait longer', 'wait longer before each attempt' }) do
    picker:set_prompt(text)
    vim.wait(30)
  end
  until_true("Telescope's list", function()
    return picker.manager and picker.manager:num_results() == #expected.hits
  end)
  seen.telescope = {}
  for entry in picker.manager:iter() do
    table.insert(seen.telescope, entry.value.name)
  end
  vim.wait(200)
  require('telescope.actions').select_default(picker.prompt_bufnr)
  seen.telescope_line = vim.api.nvim_get_current_line()
end

-- The server dies: the user is told, and the next search has a new one with the open buffers.
local before = status(client).pid
vim.cmd.edit(root .. '/notify/dispatch.py')
seen.notices = {}
vim.uv.kill(before, 'sigkill')
until_true('the notice', function()
  return #seen.notices > 0
end)
seen.crash_notice = seen.notices[1]
seen.statusline_crashed = cs.statusline()
local again = hits_of(function(options)
  cs.search('sign_webhook', options)
end)
seen.after_crash = again.hits[1] and again.hits[1].name
client = ready_client()
seen.another_server = status(client).pid ~= before
seen.attached_again = vim.lsp.buf_is_attached(0, client.id)

-- Restarted by hand (:LspRestart, :lsp restart), with utf-16 columns this time.
vim.lsp.enable('codesearch', false)
until_true('the server to stop', function()
  return #vim.lsp.get_clients({ name = 'codesearch' }) == 0
end)
local capabilities = { general = { positionEncodings = { 'utf-16' } } }
vim.lsp.config('codesearch', { capabilities = capabilities })
vim.lsp.enable('codesearch')
client = ready_client()
seen.encoding_again = client.offset_encoding
vim.cmd.edit(root .. '/pricing/quotes.py')
vim.api.nvim_buf_set_lines(0, -1, -1, false, { '', '(lambda: "é𝄞")(); tickle_the_seal = lambda: 1' })
vim.wait(100)
vim.api.nvim_buf_set_lines(0, -1, -1, false, { '', 'def é𝄞_count(x): return x' })
vim.wait(100)
local wide = hits_of(function(options)
  cs.search('quote a parcel', options)
end)
seen.wide = wide.hits[1] and wide.hits[1].encoding

io.stdout:write('PROBE ' .. vim.json.encode(seen) .. '\n')
vim.cmd('qa!')
