--- Telescope: `:Telescope codesearch` and `++telescope`.
local conf = require('telescope.config').values
local displayer = require('telescope.pickers.entry_display')
local finders = require('telescope.finders')
local pickers = require('telescope.pickers')
local sorters = require('telescope.sorters')

local hits = require('codesearch.hits')
local Live = require('codesearch.live')

local M = {}

local columns = displayer.create({
  separator = ' ',
  items = { { width = 4 }, { width = 28 }, { remaining = true } },
})

---@param hit codesearch.Hit
---@return table
local function entry(hit)
  local item = hits.item(hit)
  local place = ('%s:%d'):format(hits.short(hit), item.lnum)
  local score, views = hits.reason(hit):match('^(%S+)%s*(.*)$')
  return {
    value = hit,
    ordinal = hit.qualifiedName .. ' ' .. place .. ' ' .. hits.title(hit),
    display = function()
      return columns({
        { score, 'CodesearchReason' },
        { hit.qualifiedName, 'CodesearchName' },
        { ('%s  %s  %s'):format(place, hit.kind, views), 'CodesearchPath' },
      })
    end,
    filename = hits.file(hit),
    lnum = item.lnum,
    col = item.col,
    text = item.text,
  }
end

--- A finder that Telescope calls with every prompt.
---@param live codesearch.Live
---@return table
local function finder(live)
  local results = {}
  return setmetatable({
    results = results,
    close = function()
      live:stop()
    end,
  }, {
    __call = function(self, prompt, on_result, on_done)
      live:ask(prompt, function(found)
        self.results = {}
        for index, hit in ipairs(found) do
          local one = entry(hit)
          one.index = index
          table.insert(self.results, one)
          if on_result(one) then
            return
          end
        end
        on_done()
      end)
    end,
  })
end

--- As it was ranked: every entry scores the same, and Telescope keeps equals as they came.
local function unsorted()
  return sorters.Sorter:new({
    scoring_function = function()
      return 1
    end,
    highlighter = function()
      return {}
    end,
  })
end

---@param options codesearch.Options|{ query?: string }|table also Telescope's own options
function M.live(options)
  local live = Live.new(options)
  pickers
    .new(options, {
      prompt_title = 'Code search',
      default_text = options.query,
      finder = finder(live),
      previewer = conf.qflist_previewer(options),
      sorter = unsorted(),
      attach_mappings = function(buffer, map)
        map('i', '<C-Space>', function()
          require('telescope.actions').to_fuzzy_refine(buffer)
        end)
        return true
      end,
    })
    :find()
end

---@param title string
---@param found codesearch.Hit[]
function M.show(title, found)
  pickers
    .new({}, {
      prompt_title = title,
      finder = finders.new_table({ results = found, entry_maker = entry }),
      previewer = conf.qflist_previewer({}),
      sorter = conf.generic_sorter({}),
    })
    :find()
end

return M
