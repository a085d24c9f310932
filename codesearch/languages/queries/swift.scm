; Swift: one node type for class, struct, enum, actor and extension.

(class_declaration
  declaration_kind: ["class" "actor"]
  name: (_) @name
  body: (_) @body) @class
(class_declaration
  declaration_kind: "struct"
  name: (_) @name
  body: (_) @body) @struct
(class_declaration
  declaration_kind: "enum"
  name: (_) @name
  body: (_) @body) @enum
(class_declaration
  declaration_kind: "extension"
  name: (_) @scope.name) @scope.type
(protocol_declaration name: (_) @name body: (_) @body) @interface
(typealias_declaration name: (type_identifier) @name) @type
(macro_declaration (simple_identifier) @name) @macro

; The return type carries the field `name` too, hence the anchor.
(function_declaration "func" . name: _ @name body: (function_body)? @body) @function
(protocol_function_declaration "func" . name: _ @name) @method
(init_declaration "init" @name body: (function_body)? @body) @constructor
(deinit_declaration "deinit" @name body: (function_body) @body) @method
(subscript_declaration "subscript" @name (computed_property) @body) @method

; Properties that hold code.
(property_declaration
  name: (pattern bound_identifier: (simple_identifier) @name)
  computed_value: (computed_property) @body) @function
(property_declaration
  name: (pattern bound_identifier: (simple_identifier) @name)
  (willset_didset_block) @body) @function
(property_declaration
  name: (pattern bound_identifier: (simple_identifier) @name)
  value: (lambda_literal) @body) @function
(property_declaration
  name: (pattern bound_identifier: (simple_identifier) @name)
  value: (call_expression (lambda_literal)) @body) @function
