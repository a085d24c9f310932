(namespace_definition name: (_) @scope.name body: (_) @body) @scope.block

(function_definition
  declarator: (function_declarator declarator: [(identifier) (field_identifier) (operator_name) (destructor_name)] @name)
  body: (_) @body) @function
(function_definition
  declarator: (function_declarator declarator: (template_function name: (_) @name))
  body: (_) @body) @function
(function_definition
  declarator: (function_declarator declarator: (qualified_identifier) @name)
  body: (_) @body) @method

; pointers and references: T *f(), T **f(), T &f()
(function_definition
  declarator: (_ (function_declarator declarator: [(identifier) (field_identifier) (operator_name)] @name))
  body: (_) @body) @function
(function_definition
  declarator: (pointer_declarator (pointer_declarator
    (function_declarator declarator: [(identifier) (field_identifier)] @name)))
  body: (_) @body) @function
(function_definition
  declarator: (_ (function_declarator declarator: (qualified_identifier) @name))
  body: (_) @body) @method
(function_definition
  declarator: (pointer_declarator (pointer_declarator
    (function_declarator declarator: (qualified_identifier) @name)))
  body: (_) @body) @method

; conversions: operator bool()
(function_definition
  declarator: (operator_cast "operator" @name type: (_) @name)
  body: (_) @body) @method
(function_definition
  declarator: (qualified_identifier scope: (_) @scope name: (operator_cast "operator" @name type: (_) @name))
  body: (_) @body) @method

(class_specifier name: (_) @name body: (_) @body) @class
(struct_specifier name: (_) @name body: (_) @body) @struct
(union_specifier name: (_) @name body: (_) @body) @struct
(enum_specifier name: (_) @name body: (_) @body) @enum
(concept_definition name: (_) @name) @type
(alias_declaration name: (_) @name) @type
(type_definition declarator: (type_identifier) @name) @type
(type_definition declarator: (pointer_declarator declarator: (type_identifier) @name)) @type
(type_definition
  declarator: (function_declarator declarator: (parenthesized_declarator (pointer_declarator
    declarator: (type_identifier) @name)))) @type
(type_definition
  type: [(struct_specifier body: (_) @body) (union_specifier body: (_) @body)]
  declarator: (type_identifier) @name) @struct
(type_definition type: (enum_specifier body: (_) @body) declarator: (type_identifier) @name) @enum
(type_definition
  type: [(struct_specifier) (union_specifier) (enum_specifier)] @ignore
  declarator: (type_identifier))

(preproc_function_def name: (_) @name) @macro
(preproc_function_def name: (_) @name value: (_) @body) @macro

(declaration
  declarator: (init_declarator
    declarator: (identifier) @name
    value: (lambda_expression body: (_) @body))) @function
