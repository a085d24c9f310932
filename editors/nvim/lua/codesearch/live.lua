--- A search as one types: waits for a pause, cancels what is out of date, and answers only the
--- newest question. Pickers are built on it.
local config = require('codesearch.config')

---@class codesearch.Live
---@field private options codesearch.Options
---@field private window integer
---@field private turn integer
---@field private cancel? fun()
---@field private timer? uv.uv_timer_t
local Live = {}
Live.__index = Live

--- Belongs to the current window: its buffer says which folder is searched.
---@param options? codesearch.Options
---@return codesearch.Live
function Live.new(options)
  local self = setmetatable({}, Live)
  self.options = options or {}
  self.window = vim.api.nvim_get_current_win()
  self.turn = 0
  return self
end

--- Withdraws the question on its way; its callback will not be called.
function Live:stop()
  self.turn = self.turn + 1
  if self.timer then
    self.timer:stop()
    if not self.timer:is_closing() then
      self.timer:close()
    end
    self.timer = nil
  end
  if self.cancel then
    self.cancel()
    self.cancel = nil
  end
end

---@param query string
---@param callback fun(hits: codesearch.Hit[])
function Live:send(query, callback)
  local turn = self.turn
  local options = vim.tbl_extend('force', self.options, {
    on_done = function(hits, err)
      if turn ~= self.turn then
        return
      end
      self.cancel = nil
      if err then
        require('codesearch.client').notify(err, vim.log.levels.WARN)
      end
      callback(hits or {})
    end,
  })
  local window = vim.api.nvim_win_is_valid(self.window) and self.window or 0
  self.cancel = vim.api.nvim_win_call(window, function()
    return require('codesearch').search(query, options)
  end)
end

--- Asks in place of what was asked before. An empty query is answered at once, with nothing.
---@param query string
---@param callback fun(hits: codesearch.Hit[]) called at most once, in the main loop
function Live:ask(query, callback)
  self:stop()
  if vim.trim(query) == '' then
    return callback({})
  end
  local turn = self.turn
  local timer = assert(vim.uv.new_timer())
  self.timer = timer
  timer:start(
    config.get().debounce,
    0,
    vim.schedule_wrap(function()
      if turn == self.turn then
        timer:close()
        self.timer = nil
        self:send(query, callback)
      end
    end)
  )
end

return Live
