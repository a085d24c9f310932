--- fzf-lua: `++fzf`.
local fzf = require('fzf-lua')

local hits = require('codesearch.hits')
local Live = require('codesearch.live')

local M = {}

--- `path:line:column:`, which fzf-lua's previews and actions read, and what is shown after a tab.
---@param hit codesearch.Hit
---@return string
local function line(hit)
  local place, path = hits.item(hit), hits.short(hit)
  local colour = fzf.utils.ansi_from_hl
  local score, views = hits.reason(hit):match('^(%S+)%s*(.*)$')
  local name = colour('CodesearchName', hit.qualifiedName)
  local where = colour('CodesearchPath', ('%s:%d'):format(path, place.lnum))
  score, views = colour('CodesearchReason', score), colour('CodesearchReason', views)
  local kind = colour('CodesearchKind', hit.kind)
  local shown = ('%s %s  %s  %s %s'):format(score, name, where, kind, views)
  return ('%s:%d:%d:\t%s'):format(path, place.lnum, place.col, shown)
end

---@param title string
---@return table
local function shared(title)
  return {
    prompt = title .. '> ',
    previewer = 'builtin',
    actions = vim.deepcopy(fzf.config.globals.actions.files),
    file_icons = false,
    git_icons = false,
    fzf_opts = {
      ['--no-sort'] = true,
      ['--multi'] = true,
      ['--delimiter'] = '\t',
      ['--with-nth'] = '2..',
    },
  }
end

---@param options codesearch.Options|{ query?: string }
function M.live(options)
  local live = Live.new(options)
  local last = {} ---@type codesearch.Hit[]
  local opts = shared('Code search')
  -- As in fzf-lua's own live pickers: what was found, to be narrowed down by its letters.
  opts.actions['ctrl-g'] = function()
    M.show('Code found', last)
  end
  opts.query = options.query
  opts.exec_empty_query = false
  opts.winopts = {
    on_close = function()
      live:stop()
    end,
  }
  fzf.fzf_live(function(arguments)
    local query = type(arguments) == 'table' and arguments[1] or arguments
    return function(add)
      live:ask(query or '', function(found)
        last = found
        for _, hit in ipairs(found) do
          add(line(hit))
        end
        add(nil)
      end)
    end
  end, opts)
end

---@param title string
---@param found codesearch.Hit[]
function M.show(title, found)
  fzf.fzf_exec(vim.tbl_map(line, found), shared(title))
end

return M
