; Modules
(module_binding
  (module_name) @name
  body: (structure)? @body) @module

(module_binding
  (module_name) @name
  module_type: (signature) @open
  body: (structure) @body) @module

(module_type_definition
  (module_type_name) @name
  body: (_)? @body) @interface

; Types
(type_binding name: (type_constructor) @name) @type
(type_binding
  name: (type_constructor) @name
  body: (record_declaration)) @struct
(type_binding
  name: (type_constructor) @name
  body: (variant_declaration)) @enum
(exception_definition
  (constructor_declaration . (constructor_name) @name)) @type

; Classes
(class_binding (class_name) @name) @class
(class_binding
  (class_name) @name
  body: (_) @body) @class
(class_type_binding
  (class_type_name) @name
  body: (_) @body) @interface
(method_definition
  (method_name) @name
  body: (_)? @body) @method

; Functions: with parameters, or bound to a lambda
(let_binding
  pattern: [(value_name) @name (parenthesized_operator (_) @name)]
  (parameter)
  body: (_) @body) @function

(let_binding
  pattern: [(value_name) @name (parenthesized_operator (_) @name)]
  body: [(fun_expression) (function_expression)] @body) @function

; ... or said to be a function
(let_binding
  pattern: [(value_name) @name (parenthesized_operator (_) @name)]
  type: (function_type)
  body: (_) @body) @function

; ... perhaps after what it closes over, or computed (`let decode = let open Decoder in …`)
(compilation_unit
  (value_definition
    (let_binding
      pattern: (value_name) @name
      body: (let_expression) @body) @function))
(structure
  (value_definition
    (let_binding
      pattern: (value_name) @name
      body: (let_expression) @body) @function))

; An operator is a function whatever it is bound to.
(let_binding
  pattern: (parenthesized_operator (_) @name)
  body: (_) @body) @function

(external [(value_name) @name (parenthesized_operator (_) @name)]) @function

; Module types
(value_specification [(value_name) @name (parenthesized_operator (_) @name)]) @function
(method_specification (method_name) @name) @method
