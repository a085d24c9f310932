; Lua: a table with functions is a module or a class; only the names tell.

(function_declaration
  name: (identifier) @name
  parameters: (parameters) @parameters
  body: (block)? @body) @function
(function_declaration
  name: (dot_index_expression table: (_) @scope field: (identifier) @name)
  parameters: (parameters) @parameters
  body: (block)? @body) @function
(function_declaration
  name: (method_index_expression table: (_) @scope method: (identifier) @name)
  parameters: (parameters) @parameters
  body: (block)? @body) @method

; name = function() ... end, M.name = function() ... end
(assignment_statement
  (variable_list . name: (identifier) @name)
  (expression_list . value: (function_definition body: (block)? @body))) @function
(assignment_statement
  (variable_list . name: (dot_index_expression table: (_) @scope field: (identifier) @name))
  (expression_list . value: (function_definition body: (block)? @body))) @function
(assignment_statement
  (variable_list
    .
    name: (bracket_index_expression
      table: (_) @scope
      field: (string content: (string_content) @name)))
  (expression_list . value: (function_definition body: (block)? @body))) @function

; { name = function() ... end } under the name of its table
(field
  name: [(identifier) @name (string content: (string_content) @name)]
  value: (function_definition body: (block)? @body)) @function
(assignment_statement
  (variable_list . name: (_) @scope.name)
  (expression_list . value: (table_constructor))) @scope.block
(field
  name: [(identifier) @scope.name (string content: (string_content) @scope.name)]
  value: (table_constructor)) @scope.block
