(function_declaration name: (_) @name parameters: (_) @parameters body: (_) @body) @function
(generator_function_declaration name: (_) @name body: (_) @body) @function
(class_declaration name: (_) @name body: (_) @body) @class
(abstract_class_declaration name: (_) @name body: (_) @body) @class
(interface_declaration name: (_) @name body: (_) @body) @interface
(enum_declaration name: (_) @name body: (_) @body) @enum
(type_alias_declaration name: (_) @name) @type
(internal_module name: (_) @name body: (_) @body) @module
(module name: (_) @name body: (_) @body) @module

; overloads, ambient functions, abstract methods
(function_signature name: (_) @name) @function
(method_signature name: (_) @name) @method
(abstract_method_signature name: (_) @name) @method
(method_definition name: (_) @name body: (_) @body) @method

; function expressions with a name of their own; where they are bound, below, that name counts
(function_expression name: (_) @name body: (_) @body) @function
(generator_function name: (_) @name body: (_) @body) @function
(class name: (_) @name body: (_) @body) @class

; const f = () => …, and classes bound to names
(variable_declarator
  name: (identifier) @name
  value: [(arrow_function body: (_) @body) (function_expression body: (_) @body) @ignore
          (generator_function body: (_) @body) @ignore]) @function
(variable_declarator name: (identifier) @name value: (class body: (_) @body) @ignore) @class

; const f = memo(() => …): a function passed through one call keeps the variable's name
(variable_declarator
  name: (identifier) @name
  value: (call_expression
    arguments: (arguments . [(arrow_function body: (_) @body) (function_expression body: (_) @body) @ignore]))) @function

; class fields and object literals
(public_field_definition
  name: (_) @name
  value: [(arrow_function body: (_) @body) (function_expression body: (_) @body) @ignore]) @method
(pair
  key: (_) @name
  value: [(arrow_function body: (_) @body) (function_expression body: (_) @body) @ignore]) @function
(variable_declarator
  name: (identifier) @scope.name
  value: [(object) (as_expression (object)) (satisfies_expression (object))
          (satisfies_expression (as_expression (object)))]) @scope.type
(assignment_expression
  left: [(identifier) (member_expression)] @scope.name
  right: (object)
  (#not-eq? @scope.name "module.exports")) @scope.type
(assignment_expression
  left: (member_expression object: (_) @scope.name property: (property_identifier) @_prototype)
  right: (object)
  (#eq? @_prototype "prototype")) @scope.type

; f = function () {}, module.f = …, Type.prototype.f = …
(assignment_expression
  left: (identifier) @name
  right: [(arrow_function body: (_) @body) (function_expression body: (_) @body) @ignore]) @function
(assignment_expression
  left: (member_expression object: (_) @scope property: (property_identifier) @name)
  right: [(arrow_function body: (_) @body) (function_expression body: (_) @body) @ignore]) @function
(assignment_expression
  left: (member_expression object: (_) @scope property: (property_identifier) @name)
  right: (class body: (_) @body) @ignore) @class
(assignment_expression
  left: (member_expression
    object: (member_expression object: (_) @scope property: (property_identifier) @_prototype)
    property: (property_identifier) @name)
  right: [(arrow_function body: (_) @body) (function_expression body: (_) @body) @ignore]
  (#eq? @_prototype "prototype")) @method
; exports.f = …, module.exports.f = …: typed without the `exports`
(assignment_expression
  left: (member_expression object: (identifier) @_exports property: (property_identifier) @name)
  right: [(arrow_function body: (_) @body) (function_expression body: (_) @body) @ignore]
  (#eq? @_exports "exports")) @function
(assignment_expression
  left: (member_expression
    object: (member_expression object: (identifier) @_module property: (property_identifier) @_exports)
    property: (property_identifier) @name)
  right: [(arrow_function body: (_) @body) (function_expression body: (_) @body) @ignore]
  (#eq? @_module "module") (#eq? @_exports "exports")) @function

; export default function () {}
(export_statement
  "default" @name
  value: [(arrow_function body: (_) @body) (function_expression body: (_) @body) @ignore]) @function
(export_statement "default" @name value: (class body: (_) @body) @ignore) @class
