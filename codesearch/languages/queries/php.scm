; PHP: `\` joins namespaces, `::` members.

(namespace_definition name: (namespace_name) @scope.name !body) @scope.file
(namespace_definition name: (namespace_name) @scope.name body: (_)) @scope.block

(class_declaration name: (name) @name body: (declaration_list) @body) @class
(interface_declaration name: (name) @name body: (declaration_list) @body) @interface
(trait_declaration name: (name) @name body: (declaration_list) @body) @trait
(enum_declaration name: (name) @name body: (enum_declaration_list) @body) @enum

(function_definition
  name: (name) @name
  parameters: (formal_parameters) @parameters
  body: (_) @body) @function

(method_declaration
  name: (name) @name
  parameters: (formal_parameters) @parameters
  body: (compound_statement)? @body) @method

; Properties with hooks hold code.
(property_declaration
  (property_element name: (variable_name (name) @name))
  (property_hook_list) @body) @method

; $f = function () { ... }; $f = fn () => ...
(assignment_expression
  left: [
    (variable_name (name) @name)
    (member_access_expression name: (name) @name)
  ]
  right: [
    (anonymous_function parameters: (_) @parameters body: (_) @body)
    (arrow_function parameters: (_) @parameters body: (_) @body)
  ]) @function

; $object = new class { ... }
(assignment_expression
  left: (variable_name (name) @scope.name)
  right: (object_creation_expression (anonymous_class))) @scope.type
