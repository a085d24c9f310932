--- What the commands take: `++` options, filters and the query, and how they are completed.
local codesearch = require('codesearch')
local pickers = require('codesearch.pickers')

local M = {}

local LANGUAGES = vim.split(
  'bash c cpp csharp dart elixir go haskell java javascript julia kotlin lua ocaml ocaml_interface '
    .. 'php python ruby rust scala swift text tsx typescript zig',
  ' '
)
local VIEWS = { 'quickfix', 'loclist', 'select', 'telescope', 'fzf', 'snacks', 'mini' }
local KINDS = {
  'function',
  'method',
  'constructor',
  'class',
  'interface',
  'struct',
  'enum',
  'trait',
  'module',
  'type',
  'macro',
  'window',
}

--- Splits `++loclist ++all query` into options and the rest.
---@param text string
---@return codesearch.Options options, string rest, string? err
local function parse(text)
  local options = {}
  local rest = vim.trim(text)
  while rest:match('^%+%+%S') do
    local word, tail = rest:match('^%+%+(%S+)%s*(.*)$')
    local limit = word:match('^limit=(%d+)$')
    if word == 'all' then
      options.all = true
    elseif limit and tonumber(limit) > 0 then
      options.limit = tonumber(limit)
    elseif vim.list_contains(VIEWS, word) then
      options.view = word
    else
      return options, tail, ('++%s is no option'):format(word)
    end
    rest = tail
  end
  return options, rest
end

---@param args table of a user command
---@param run fun(options: codesearch.Options, rest: string)
local function with_options(args, run)
  local options, rest, err = parse(args.args)
  if err then
    return require('codesearch.client').notify(err, vim.log.levels.WARN)
  end
  if args.bang and not options.view then
    options.view = pickers.first() or 'select'
  end
  run(options, rest)
end

---@param args table of a user command
function M.search(args)
  with_options(args, function(options, query)
    if args.bang and pickers.live(vim.tbl_extend('keep', { query = query }, options)) then
      return
    end
    codesearch.search(query, options)
  end)
end

---@param args table of a user command
function M.similar(args)
  with_options(args, function(options)
    local lines = args.range > 0 and { args.line1, args.line2 } or nil
    codesearch.similar(vim.tbl_extend('keep', { lines = lines }, options))
  end)
end

---@param args table of a user command
function M.duplicates(args)
  with_options(args, codesearch.duplicates)
end

---@param prefix string
---@param words string[]
---@param lead string
---@return string[]
local function starting(prefix, words, lead)
  return vim.tbl_filter(
    function(word)
      return vim.startswith(word, lead)
    end,
    vim.tbl_map(function(word)
      return prefix .. word
    end, words)
  )
end

--- Completes options, and in a query its filters and the words of the buffer's own names.
---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  if vim.startswith(lead, '+') then
    return starting('++', vim.list_extend({ 'all', 'limit=' }, VIEWS), lead)
  end
  if not line:match('CodeSearch!? ') then
    return {}
  end
  local minus, key = lead:match('^(-?)(%a+):')
  if key == 'kind' then
    return starting(minus .. 'kind:', KINDS, lead)
  elseif key == 'lang' then
    return starting(minus .. 'lang:', LANGUAGES, lead)
  elseif key == 'path' then
    local typed = lead:sub(#minus + #'path:' + 1)
    return starting(minus .. 'path:', vim.fn.getcompletion(typed, 'file'), lead)
  end
  return starting('', { 'lang:', 'kind:', 'path:', '-lang:', '-kind:', '-path:' }, lead)
end

return M
