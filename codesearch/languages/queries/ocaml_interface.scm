; Modules
(module_binding (module_name) @name) @module
(module_binding
  (module_name) @name
  module_type: (signature) @body) @module

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
  class_type: [
    (class_body_type) @body
    (class_function_type codomain: (class_body_type) @body)
  ]) @class
(class_type_binding
  (class_type_name) @name
  body: (_) @body) @interface
(method_specification (method_name) @name) @method

; A value's type may be a function by another name, so every value counts.
(value_specification [(value_name) @name (parenthesized_operator (_) @name)]) @function
(external [(value_name) @name (parenthesized_operator (_) @name)]) @function
