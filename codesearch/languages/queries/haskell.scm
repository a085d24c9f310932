(header module: (module) @scope.name) @scope.file

; Types
(data_type name: (_) @name) @struct
(data_type
  name: (_) @name
  constructors: [
    (data_constructors (data_constructor) . (data_constructor))
    (gadt_constructors)
  ]) @enum
(newtype name: (_) @name) @type
(type_synonym name: (_) @name) @type
(type_family name: (_) @name) @type
(data_family name: (_) @name) @type

(class
  name: (_) @name
  declarations: (_)? @body) @trait

; An instance is known by its class and type: `Functor Parser`.
(instance
  name: (_) @name
  patterns: (_) @name
  declarations: (_)? @body) @class

; Advice to the compiler belongs to the function above it.
((pragma) @trailing
  (#like? @trailing "^\\{-#\\s*(INLIN|NOINLIN|OPAQUE|SPECIALI|COMPLETE|MINIMAL|OVERLAP)"))

; Functions: a signature and the equations after it are merged into one unit.
(declarations (signature name: [(variable) @name (prefix_id (_) @name)]) @function)
(declarations
  (signature
    names: (binding_list . name: [(variable) @name (prefix_id (_) @name)])) @function)
(class_declarations (signature name: [(variable) @name (prefix_id (_) @name)]) @function)
(instance_declarations (signature name: [(variable) @name (prefix_id (_) @name)]) @function)
(local_binds
  (signature name: [(variable) @name (prefix_id (_) @name)]) @function
  .
  (function))
(function
  name: [(variable) @name (prefix_id (_) @name)]
  patterns: (_)
  .
  match: (_) @body) @function
(function
  .
  (infix operator: [(operator) @name (infix_id (_) @name)])
  .
  match: (_) @body) @function
(function
  .
  (function_head_parens (infix operator: [(operator) @name (infix_id (_) @name)]))
  patterns: (_)
  .
  match: (_) @body) @function

; Without arguments it is still a function, but within another one it is a local value.
([
  (declarations (bind
    name: [(variable) @name (prefix_id (_) @name)] . match: (_) @body) @function)
  (instance_declarations (bind
    name: [(variable) @name (prefix_id (_) @name)] . match: (_) @body) @function)
  (class_declarations (bind
    name: [(variable) @name (prefix_id (_) @name)] . match: (_) @body) @function)
])

(foreign_import signature: (signature name: (variable) @name)) @function
(pattern_synonym (_ synonym: (_) @name)) @function
