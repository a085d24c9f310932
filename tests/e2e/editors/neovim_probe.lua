-- Everything that the plugin offers, in one session.
local S = dofile(vim.env.PROBE_SESSION)
local seen, root, until_true = S.seen, S.root, S.until_true
local quickfix, after = S.quickfix, S.after
seen.progress, seen.status_events = {}, 0

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
vim.lsp.config('codesearch', { cmd = { root .. '/no-such-program' } })
vim.cmd('CodeSearch too early')
seen.without_server = seen.notices[1]
seen.statusline_before = cs.statusline()

vim.lsp.config('codesearch', {
  cmd = S.command,
  settings = { codesearch = { duplicates = { enabled = true } } },
})
vim.lsp.enable('codesearch')
vim.cmd.edit(root .. '/notify/dispatch.py')
local client = S.client()
seen.encoding = client.offset_encoding
seen.root = client.config.root_dir
S.until_indexed(client)

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
seen.loclist = S.items_of(vim.fn.getloclist(0, { title = 1, items = 1 }))
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
local body = {
  '',
  'def tickle_the_walrus(parcels, limit):',
  '    total, kept, dropped = 0, [], []',
  '    for number, parcel in enumerate(parcels):',
  '        weight = parcel.weight * 3 + number % 7',
  '        if weight > limit and parcel.recipient not in kept:',
  '            dropped.append((parcel.recipient, weight - limit))',
  '            continue',
  '        kept.append(parcel.recipient)',
  '        total += weight * len(kept)',
  '    if not kept and dropped:',
  '        raise ValueError("é𝄞 nobody is left")',
  '    return total, sorted(kept), dropped',
  '',
}
local copy = vim.deepcopy(body)
copy[2] = 'def tickle_the_seal(parcels, limit):'
vim.api.nvim_buf_set_lines(0, -1, -1, false, vim.list_extend(body, copy))
vim.wait(200)
seen.unsaved = after('CodeSearch tickle_the_walrus')
vim.cmd('cclose')
seen.duplicates = after('CodeSearchDuplicates')
vim.cmd('cclose')
-- Saved, the same is a diagnostic, as any that a server publishes.
vim.cmd('silent write')
until_true('diagnostics', function()
  return #vim.diagnostic.get(0) >= 2
end)
seen.diagnostics = vim.tbl_map(function(one)
  return {
    source = one.source,
    code = one.code,
    severity = vim.diagnostic.severity[one.severity],
    message = one.message,
    line = vim.fn.getline(one.lnum + 1),
    column = one.col,
  }
end, vim.diagnostic.get(0))
local last = vim.fn.line('$')
vim.api.nvim_buf_set_lines(0, last - #body, -1, false, {})
vim.cmd('silent write')
until_true('no diagnostics', function()
  return #vim.diagnostic.get(0) == 0
end)

-- The standard methods.
local symbols =
  client:request_sync('workspace/symbol', { query = 'haversine distance on the globe' }, 30000, 0)
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
until_true('an index that knows what was saved', function()
  return cs.statusline() == 'codesearch'
end)
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

-- The tool that CodeCompanion offers to language models, called as that calls it.
local tool = require('codecompanion._extensions.codesearch').tool({ limit = 2 })
tool.cmds[1](tool, { query = 'how is a retry delayed' }, {
  output_cb = function(result)
    seen.tool = result
  end,
  register_job = function(job)
    seen.tool_can_be_stopped = type(job.kill) == 'function'
  end,
})
until_true('the tool', function()
  return seen.tool
end)

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

S.finish()
