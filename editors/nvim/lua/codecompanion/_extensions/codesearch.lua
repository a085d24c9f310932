-- For CodeCompanion: the tool `codesearch`, with which a language model finds code here.
-- It is turned on by require('codecompanion').setup({ extensions = { codesearch = {} } }).
local M = {}

local SCHEMA = {
  type = 'function',
  ['function'] = {
    name = 'codesearch',
    description = 'Find functions, classes and other code of this repository by what they do. '
      .. 'Takes a question in plain words or an identifier; not a regular expression.',
    parameters = {
      type = 'object',
      properties = {
        query = { type = 'string', description = 'What the code does, or its exact name' },
        limit = { type = 'integer', description = 'The most places to return' },
      },
      required = { 'query' },
    },
  },
}
-- Longer than any that code is likely to hold.
local FENCE = ('`'):rep(5)

---@param hit codesearch.Hit
---@return string
local function told(hit)
  local range = hit.location.range
  local last = range['end'].line + (range['end'].character > 0 and 1 or 0)
  local head = ('%s:%d-%d %s'):format(hit.path, range.start.line + 1, last, hit.qualifiedName)
  return table.concat({ head, FENCE .. hit.language, hit.snippet, FENCE }, '\n')
end

--- Asks the server. CodeCompanion waits for `output_cb`, and kills the job when the chat stops.
---@param arguments table what the model sent
---@param call { output_cb: fun(result: table), register_job: fun(job: table) }
---@param limit integer
local function run(arguments, call, limit)
  local query = type(arguments.query) == 'string' and arguments.query or ''
  if vim.trim(query) == '' then
    return { status = 'error', data = 'the query is empty' }
  end
  local cancel = require('codesearch').search(query, {
    limit = tonumber(arguments.limit) or limit,
    on_done = function(hits, err)
      local found = hits and table.concat(vim.tbl_map(told, hits), '\n\n')
      call.output_cb({ status = found and 'success' or 'error', data = found or err })
    end,
  })
  call.register_job({ kill = cancel })
end

--- The tool as CodeCompanion wants it.
---@param options? { limit?: integer }
---@return table
function M.tool(options)
  local limit = options and options.limit or 8
  return {
    name = 'codesearch',
    cmds = {
      function(_, arguments, call)
        return run(arguments, call, limit)
      end,
    },
    schema = SCHEMA,
    output = {
      success = function(self, found, meta)
        local text = table.concat(vim.iter(found):flatten():totable(), '\n')
        text = text == '' and 'nothing found' or text
        local count = select(2, text:gsub('\n' .. FENCE .. '[^\n]', ''))
        local line = ('Searched the code for `%s`: %d places'):format(self.args.query, count)
        meta.tools.chat:add_tool_output(self, text, line)
      end,
      error = function(self, said, meta)
        local text = table.concat(vim.iter(said):flatten():totable(), '\n')
        meta.tools.chat:add_tool_output(self, 'The code could not be searched: ' .. text)
      end,
    },
  }
end

---@param options? { limit?: integer }
function M.setup(options)
  require('codecompanion.config').config.interactions.chat.tools.codesearch = {
    description = 'Find code of this repository by what it does',
    callback = function()
      return M.tool(options)
    end,
  }
end

return M
