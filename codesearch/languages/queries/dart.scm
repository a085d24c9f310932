; A body is the next sibling of its signature: the unit spans both.

; Types
(class_definition
  name: (identifier) @name
  body: (_) @body) @class

(enum_declaration
  name: (identifier) @name
  body: (_) @body) @enum

(mixin_declaration
  (identifier) @name
  (class_body) @body) @trait

(extension_declaration
  name: (identifier) @name
  body: (_) @body) @class

; An extension without a name adds to the type it extends.
(extension_declaration
  .
  "extension"
  .
  "on"
  class: (_) @scope.name) @scope.type

(extension_type_declaration
  name: (identifier) @name
  body: (_) @body) @class

(type_alias (type_identifier) @name "=") @type
(type_alias (type_identifier) @name . (formal_parameter_list)) @type

; Top level
(program
  [
    (function_signature name: (identifier) @name)
    (getter_signature name: (identifier) @name)
    (setter_signature name: (identifier) @name)
  ] @function)

(program
  [
    (function_signature name: (identifier) @name)
    (getter_signature name: (identifier) @name)
    (setter_signature name: (identifier) @name)
  ] @function
  .
  (function_body) @body)

(static_final_declaration
  (identifier) @name
  .
  (function_expression body: (_) @body)) @function

(initialized_variable_definition
  name: (identifier) @name
  value: (function_expression body: (_) @body)) @function

(local_function_declaration
  (lambda_expression
    parameters: (function_signature name: (identifier) @name)
    body: (_) @body)) @function

; Members: a declaration has no body
(declaration
  [
    (function_signature name: (identifier) @name)
    (getter_signature name: (identifier) @name)
    (setter_signature name: (identifier) @name)
    (operator_signature (binary_operator) @name)
    (operator_signature ["[]" "[]=" "~"] @name)
  ]) @method

(method_signature
  [
    (function_signature name: (identifier) @name)
    (getter_signature name: (identifier) @name)
    (setter_signature name: (identifier) @name)
    (operator_signature (binary_operator) @name)
    (operator_signature ["[]" "[]=" "~"] @name)
  ]) @method

((method_signature
  [
    (function_signature name: (identifier) @name)
    (getter_signature name: (identifier) @name)
    (setter_signature name: (identifier) @name)
    (operator_signature (binary_operator) @name)
    (operator_signature ["[]" "[]=" "~"] @name)
  ]) @method
  .
  (function_body) @body)

; Constructors: the last identifier is the name (`Session.fromJson`)
(declaration
  [
    (constructor_signature (identifier) @name . (formal_parameter_list))
    (constant_constructor_signature (identifier) @name . (formal_parameter_list))
    (redirecting_factory_constructor_signature (identifier) @name . (formal_parameter_list))
  ]
  (initializers)? @open) @constructor

((method_signature
  [
    (constructor_signature (identifier) @name . (formal_parameter_list))
    (factory_constructor_signature (identifier) @name . (formal_parameter_list))
  ]
  (initializers)? @open) @constructor
  .
  (function_body) @body)
