; C#: namespaces are scopes; everything with a body is a unit, auto-properties and fields are not.

(namespace_declaration name: (_) @scope.name) @scope.block
(file_scoped_namespace_declaration name: (_) @scope.name) @scope.file

(class_declaration name: (identifier) @name body: (declaration_list)? @body) @class
(record_declaration name: (identifier) @name body: (declaration_list)? @body) @class
(record_declaration "struct" name: (identifier) @name body: (declaration_list)? @body) @struct
(struct_declaration name: (identifier) @name body: (declaration_list)? @body) @struct
(interface_declaration name: (identifier) @name body: (declaration_list)? @body) @interface
(enum_declaration name: (identifier) @name body: (_)? @body) @enum
(delegate_declaration name: (identifier) @name parameters: (_) @parameters) @type

(method_declaration
  name: (identifier) @name
  parameters: (parameter_list) @parameters
  body: (_)? @body) @method

(constructor_declaration
  name: (identifier) @name
  parameters: (parameter_list) @parameters
  body: (_)? @body) @constructor

(destructor_declaration
  "~" @name
  name: (identifier) @name
  parameters: (parameter_list) @parameters
  body: (_)? @body) @method

(local_function_statement
  name: (identifier) @name
  parameters: (parameter_list) @parameters
  body: (_)? @body) @function

(operator_declaration
  "operator" @name
  operator: _ @name
  parameters: (parameter_list) @parameters
  body: (_)? @body) @method

(conversion_operator_declaration
  "operator" @name
  type: (_) @name
  parameters: (parameter_list) @parameters
  body: (_)? @body) @method

(indexer_declaration
  "this" @name
  parameters: (bracketed_parameter_list) @parameters
  [accessors: (accessor_list) value: (arrow_expression_clause)] @body) @method

; A property or event counts as code when an accessor of it has a body.
(property_declaration name: (identifier) @name value: (arrow_expression_clause) @body) @method
(property_declaration
  name: (identifier) @name
  accessors: (accessor_list (accessor_declaration body: (_))) @body) @method
(event_declaration
  name: (identifier) @name
  accessors: (accessor_list (accessor_declaration body: (_))) @body) @method

; Lambdas bound to a property, a field or a local variable.
(property_declaration
  name: (identifier) @name
  value: (lambda_expression body: (_) @body)) @function
(field_declaration
  (variable_declaration
    (variable_declarator
      name: (identifier) @name
      [
        (lambda_expression body: (_) @body)
        (anonymous_method_expression (block) @body)
      ]))) @function
(local_declaration_statement
  (variable_declaration
    (variable_declarator
      name: (identifier) @name
      [
        (lambda_expression body: (_) @body)
        (anonymous_method_expression (block) @body)
      ]))) @function
