--- The pickers that people have. Each file beside this one knows one of them, with two functions:
--- `live(options)` searches as one types, `show(title, hits)` lists what was found.
local config = require('codesearch.config')

local M = {}

-- By name: the module whose presence tells, and its file here.
local KNOWN = {
  { name = 'telescope', needs = 'telescope' },
  { name = 'snacks', needs = 'snacks' },
  { name = 'fzf', needs = 'fzf-lua' },
  { name = 'mini', needs = 'mini.pick' },
}

---@param needs string
---@return boolean
local function present(needs)
  if package.loaded[needs] then
    return true
  end
  local path = 'lua/' .. needs:gsub('%.', '/')
  return #vim.api.nvim_get_runtime_file(path .. '.lua', false) > 0
    or #vim.api.nvim_get_runtime_file(path .. '/init.lua', false) > 0
end

--- The pickers that are installed, in the order in which they are taken.
---@return string[]
function M.installed()
  local found = {}
  for _, one in ipairs(KNOWN) do
    if present(one.needs) then
      table.insert(found, one.name)
    end
  end
  return found
end

--- The picker to use: the configured one, else the first that is installed.
---@return string?
function M.first()
  local wanted = config.get().picker
  return wanted or M.installed()[1]
end

---@param name string
---@return table? picker
local function load(name)
  local needs = vim.iter(KNOWN):find(function(one)
    return one.name == name
  end)
  if not needs then
    return nil
  end
  local ok, picker = pcall(require, 'codesearch.pickers.' .. name)
  if ok then
    return picker
  end
  require('codesearch.client').notify(
    ('%s cannot be used: %s'):format(name, picker),
    vim.log.levels.WARN
  )
end

--- Opens a live picker. False if there is none.
---@param options codesearch.Options|{ query?: string }
---@return boolean
function M.live(options)
  local name = options.view or M.first()
  local picker = name and load(name)
  if picker then
    picker.live(options)
  end
  return picker ~= nil
end

--- Lists hits in a picker, or with vim.ui.select if there is no such picker.
---@param name string
---@param title string
---@param hits codesearch.Hit[]
function M.show(name, title, hits)
  local picker = load(name)
  if not picker then
    return require('codesearch.show').show('select', title, hits)
  end
  picker.show(title, hits)
end

return M
