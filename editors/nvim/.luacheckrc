std = 'luajit'
max_line_length = 100
local settable = { read_only = false, other_fields = true }
read_globals = {
  vim = {
    other_fields = true,
    fields = { g = settable, o = settable, bo = settable, wo = settable, env = settable },
  },
}
-- Tests put their own in place of what asks or tells the user.
files['tests/'] = {
  read_globals = {
    vim = { fields = { notify = settable, ui = settable } },
  },
}
