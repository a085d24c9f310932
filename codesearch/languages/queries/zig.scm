; Types are values: what a name is depends on what it is bound to.
(variable_declaration
  (identifier) @name
  "="
  . (struct_declaration "{" @open) @body) @struct

(variable_declaration
  (identifier) @name
  "="
  . (union_declaration "{" @open) @body) @struct

(variable_declaration
  (identifier) @name
  "="
  . (opaque_declaration "{" @open) @body) @struct

(variable_declaration
  (identifier) @name
  "="
  . (enum_declaration "{" @open) @body) @enum

(variable_declaration
  (identifier) @name
  "="
  . (error_set_declaration "{" @open) @body) @enum

(function_declaration
  name: (identifier) @name
  body: (_)? @body) @function

; A type may be made by a function and have no name of its own.
([
  (struct_declaration
    (function_declaration
      name: (identifier) @name
          body: (_)? @body) @method)
  (union_declaration
    (function_declaration
      name: (identifier) @name
          body: (_)? @body) @method)
  (enum_declaration
    (function_declaration
      name: (identifier) @name
          body: (_)? @body) @method)
  (opaque_declaration
    (function_declaration
      name: (identifier) @name
          body: (_)? @body) @method)
])

(test_declaration
  "test" @scope
  [(string) (identifier)] @name
  (block) @body) @function
