; Kotlin. Packages and companions are no part of names; the kind of a class is one of its tokens.

(class_declaration "class" name: (identifier) @name (class_body)? @body) @class
(class_declaration "interface" name: (identifier) @name (class_body)? @body) @interface
(class_declaration
  (modifiers (class_modifier) @_enum)
  name: (identifier) @name
  (enum_class_body)? @body
  (#eq? @_enum "enum")) @enum
(object_declaration name: (identifier) @name (class_body)? @body) @class
(companion_object name: (identifier) @name (class_body)? @body) @class
(type_alias type: (identifier) @name) @type

(enum_entry (identifier) @scope.name (class_body)) @scope.type
(property_declaration
  (variable_declaration (identifier) @scope.name)
  (object_literal)) @scope.type

(function_declaration
  name: (identifier) @name
  (function_value_parameters) @parameters
  (function_body)? @body) @function

; fun Receiver.name()
(function_declaration
  [
    (user_type) @scope
    (nullable_type (user_type) @scope)
  ]
  .
  "."
  .
  name: (identifier) @name
  (function_value_parameters) @parameters
  (function_body)? @body) @function

(secondary_constructor
  "constructor" @name
  (function_value_parameters) @parameters
  (block)? @body) @constructor
(anonymous_initializer "init" @name (block) @body) @constructor

; Properties that hold code: accessors, lambdas, delegates with a lambda.
(property_declaration
  (variable_declaration (identifier) @name)
  [(getter) (setter)] @body) @function
(property_declaration
  (variable_declaration (identifier) @name)
  [(lambda_literal) (anonymous_function)] @body) @function
(property_declaration
  (variable_declaration (identifier) @name)
  (property_delegate (call_expression (annotated_lambda))) @body) @function
(property_declaration
  [
    (user_type) @scope
    (nullable_type (user_type) @scope)
  ]
  .
  "."
  .
  (variable_declaration (identifier) @name)
  [(getter) (setter)] @body) @function

; The grammar takes `@JvmName("x")` above a top-level function for an expression of its own.
(source_file
  (annotated_expression
    .
    (annotation)
    .
    [(parenthesized_expression) (annotated_expression)]
    .) @attribute
  .
  [(function_declaration) (property_declaration) (class_declaration) (object_declaration)])
