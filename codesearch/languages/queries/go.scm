(function_declaration name: (_) @name parameters: (_) @parameters body: (_)? @body) @function
(method_declaration
  receiver: (parameter_list (parameter_declaration
    type: [(type_identifier) @scope
           (generic_type type: (type_identifier) @scope)
           (pointer_type [(type_identifier) @scope (generic_type type: (type_identifier) @scope)])]))
  name: (_) @name
  body: (_)? @body) @method

(type_spec name: (_) @name) @type
(type_alias name: (_) @name) @type
(type_spec name: (_) @name type: (struct_type (field_declaration_list) @body)) @struct
(type_spec name: (_) @name type: (interface_type "{" @open) @body) @interface

(var_spec name: (identifier) @name value: (expression_list . (func_literal body: (_) @body) .)) @function
(short_var_declaration
  left: (expression_list . (identifier) @name .)
  right: (expression_list . (func_literal body: (_) @body) .)) @function
