; Scala 2 and 3. Packages are no part of names; objects count as classes.

(class_definition name: (_) @name body: (template_body)? @body) @class
(trait_definition name: (_) @name body: (template_body)? @body) @trait
(object_definition name: (_) @name body: (template_body)? @body) @class
(package_object name: (_) @name body: (template_body)? @body) @module
(enum_definition name: (_) @name body: (enum_body) @body) @enum
(type_definition name: (type_identifier) @name) @type
(given_definition name: (_) @name body: (with_template_body) @body) @class

; extension (value: Type) def ...
(extension_definition
  "extension"
  .
  (type_parameters)?
  .
  parameters: (parameters
    .
    (parameter
      type: [
        (type_identifier) @scope.name
        (stable_type_identifier) @scope.name
        (generic_type type: (_) @scope.name)
      ]))) @scope.type

; val value = new Type { def ... }
(val_definition
  pattern: (identifier) @scope.name
  value: (instance_expression (template_body))) @scope.type
(given_definition
  name: (_) @scope.name
  body: (instance_expression (template_body))) @scope.type

(function_declaration name: (_) @name) @function
(function_definition name: (_) @name body: (_) @body) @function

; Functions bound to a name.
(val_definition
  pattern: (identifier) @name
  value: [(lambda_expression) (case_block)] @body) @function
(var_definition
  pattern: (identifier) @name
  value: [(lambda_expression) (case_block)] @body) @function
(given_definition name: (_) @name body: (lambda_expression) @body) @function
