-- What the probes share. They run inside a real headless Neovim with the plugin, do what a user
-- does, and print what a user would then see as one JSON object.
local S = {
  root = vim.env.PROBE_ROOT,
  command = { vim.env.PROBE_PYTHON, '-m', 'codesearch.cli.main', 'serve', '--stdio' },
  seen = { notices = {} },
}

vim.notify = function(message)
  table.insert(S.seen.notices, message)
end

vim.cmd('filetype on') -- off under -u NONE
for folder in (vim.env.PROBE_EXTRA or ''):gmatch('[^:]+') do
  vim.opt.runtimepath:append(folder)
  for _, script in ipairs(vim.fn.glob(folder .. '/plugin/*.lua', true, true)) do
    vim.cmd.source(script) -- -u NONE leaves them out
  end
end
vim.opt.runtimepath:append(vim.env.PROBE_PLUGIN)
vim.cmd.source(vim.env.PROBE_PLUGIN .. '/plugin/codesearch.lua')
S.seen.loaded_at_start = vim.tbl_filter(function(name)
  return vim.startswith(name, 'codesearch')
end, vim.tbl_keys(package.loaded))

function S.until_true(what, condition)
  if not vim.wait(120000, condition, 20) then
    error('waited in vain for ' .. what .. ' after ' .. vim.inspect(S.seen.notices))
  end
end

--- The client, once the server has answered `initialize`.
function S.client()
  local found
  S.until_true('the client', function()
    found = vim.lsp.get_clients({ name = 'codesearch' })[1]
    return found and found.initialized and not found:is_stopped()
  end)
  return found
end

function S.status(client)
  local answer = client:request_sync('codesearch/status', vim.empty_dict(), 20000, 0)
  return answer and answer.result
end

--- Until all folders are indexed, and the encoder of questions is loaded.
function S.until_indexed(client)
  S.until_true('the index', function()
    local now = S.status(client)
    return now
      and #now.roots > 0
      and vim.iter(now.roots):all(function(one)
        return one.complete
      end)
  end)
  S.until_true('the encoder', function()
    local answer = client:request_sync('codesearch/search', { query = 'parcel' }, 20000, 0)
    return answer and answer.result and #answer.result.notes == 0
  end)
end

--- A folder with files, which is a root of its own.
function S.folder(files)
  local folder = vim.fn.tempname()
  vim.fn.mkdir(folder, 'p')
  vim.fn.writefile({ '' }, folder .. '/.codesearchignore')
  for name, lines in pairs(files) do
    vim.fn.writefile(lines, folder .. '/' .. name)
  end
  return folder
end

function S.items_of(list)
  return {
    title = list.title,
    items = vim.tbl_map(function(item)
      return {
        file = vim.fn.fnamemodify(vim.fn.bufname(item.bufnr), ':t'),
        line = item.lnum,
        column = item.col,
        text = item.text,
        source = vim.fn.getbufline(item.bufnr, item.lnum)[1],
      }
    end, list.items),
  }
end

function S.quickfix()
  return S.items_of(vim.fn.getqflist({ title = 1, items = 1 }))
end

--- What is in the quickfix list after a command has filled it.
function S.after(what)
  vim.fn.setqflist({}, 'f')
  vim.cmd(what)
  S.until_true(what, function()
    return #vim.fn.getqflist() > 0
  end)
  vim.cmd('wincmd p') -- the list has the focus, as after vim.lsp.buf.references()
  return S.quickfix()
end

--- Calls a function of the API and waits for its hits.
function S.hits_of(ask)
  local answer
  ask({
    on_done = function(hits, err)
      answer = { hits = hits or {}, err = err }
    end,
  })
  S.until_true('hits', function()
    return answer
  end)
  return answer
end

--- Searches until something is found: a new folder, or an edit, takes a moment to be read.
function S.found(query, options)
  local answer
  S.until_true(query, function()
    answer = S.hits_of(function(done)
      require('codesearch').search(query, vim.tbl_extend('force', options or {}, done))
    end)
    return #answer.hits > 0
  end)
  return answer.hits
end

function S.names(hits)
  return vim.tbl_map(function(hit)
    return hit.name
  end, hits)
end

--- Notices that contain a text; they may come after what they speak of.
function S.told(text)
  local found
  S.until_true('a notice of ' .. text, function()
    found = vim.iter(S.seen.notices):find(function(notice)
      return notice:find(text, 1, true)
    end)
    return found
  end)
  return found
end

function S.finish()
  io.stdout:write('PROBE ' .. vim.json.encode(S.seen) .. '\n')
  vim.cmd('qa!')
end

return S
