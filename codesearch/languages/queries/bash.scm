(function_definition
  name: (word) @name
  body: (_) @body) @function

; Bats: to the grammar `@test "name" {` is a command, and so is the `}` at its end.
((command
  name: (command_name) @_keyword
  argument: (_)+ @name
  .
  argument: (word) @open) @function
  (#eq? @_keyword "@test")
  (#eq? @open "{"))

((command
  name: (command_name) @_brace
  .) @end
  (#eq? @_brace "}"))
