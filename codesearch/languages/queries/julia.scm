; A docstring is the string before a definition.
([(string_literal) (prefixed_string_literal)] @doc
  .
  [
    (abstract_definition)
    (assignment)
    (const_statement)
    (function_definition)
    (identifier)
    (macrocall_expression)
    (macro_definition)
    (module_definition)
    (primitive_definition)
    (struct_definition)
  ])

; What stands between the name and `end` are the members, with no node around them.
(module_definition name: (identifier) @name) @module
(module_definition name: (_) . (_) @open) @definition @body
(struct_definition (type_head) . (_) @open) @definition @body

; Types
(abstract_definition (type_head [(identifier) @name
  (binary_expression . [(identifier) @name (parametrized_type_expression . (identifier) @name)])
  (parametrized_type_expression . (identifier) @name)])) @type
(primitive_definition (type_head [(identifier) @name
  (binary_expression . (identifier) @name)])) @type
(struct_definition (type_head [(identifier) @name
  (binary_expression . [(identifier) @name (parametrized_type_expression . (identifier) @name)])
  (parametrized_type_expression . (identifier) @name)])) @struct
((macrocall_expression
  (macro_identifier (identifier) @_macro)
  (macro_argument_list . (identifier) @name)) @enum
  (#eq? @_macro "enum"))

(macro_definition (signature [(identifier) @name (call_expression . (identifier) @name)])) @macro

; Functions: `function name(...)` or `name(...) = ...`, with or without a return type and `where`.
; The name may be parametric (`Signal{T}`), qualified (`Base.show`), an operator (`Base.:+`), or
; the type of a callable value (`(filter::Recursive)(x)`).
(function_definition (signature [
  (call_expression . [
    (identifier) @name
    (operator) @name
    (parametrized_type_expression . (identifier) @name)
    (field_expression value: (_) @scope [(identifier) @name (quote_expression (_) @name)] .)
    (parenthesized_expression (typed_expression [(identifier) @name (_ . (identifier) @name)] .))
  ])
  (typed_expression . (call_expression . [
    (identifier) @name
    (operator) @name
    (parametrized_type_expression . (identifier) @name)
    (field_expression value: (_) @scope [(identifier) @name (quote_expression (_) @name)] .)
    (parenthesized_expression (typed_expression [(identifier) @name (_ . (identifier) @name)] .))
  ]))
  (where_expression . [
    (call_expression . [
      (identifier) @name
      (operator) @name
      (parametrized_type_expression . (identifier) @name)
      (field_expression value: (_) @scope [(identifier) @name (quote_expression (_) @name)] .)
      (parenthesized_expression (typed_expression [(identifier) @name (_ . (identifier) @name)] .))
    ])
    (typed_expression . (call_expression . [
      (identifier) @name
      (operator) @name
      (parametrized_type_expression . (identifier) @name)
      (field_expression value: (_) @scope [(identifier) @name (quote_expression (_) @name)] .)
      (parenthesized_expression (typed_expression [(identifier) @name (_ . (identifier) @name)] .))
    ]))
    (where_expression . (call_expression . [
      (identifier) @name
      (operator) @name
      (parametrized_type_expression . (identifier) @name)
      (field_expression value: (_) @scope [(identifier) @name (quote_expression (_) @name)] .)
      (parenthesized_expression (typed_expression [(identifier) @name (_ . (identifier) @name)] .))
    ]))
  ])
])) @function

(assignment . [
  (call_expression . [
    (identifier) @name
    (operator) @name
    (parametrized_type_expression . (identifier) @name)
    (field_expression value: (_) @scope [(identifier) @name (quote_expression (_) @name)] .)
    (parenthesized_expression (typed_expression [(identifier) @name (_ . (identifier) @name)] .))
  ])
  (typed_expression . (call_expression . [
    (identifier) @name
    (operator) @name
    (parametrized_type_expression . (identifier) @name)
    (field_expression value: (_) @scope [(identifier) @name (quote_expression (_) @name)] .)
    (parenthesized_expression (typed_expression [(identifier) @name (_ . (identifier) @name)] .))
  ]))
  (where_expression . [
    (call_expression . [
      (identifier) @name
      (operator) @name
      (parametrized_type_expression . (identifier) @name)
      (field_expression value: (_) @scope [(identifier) @name (quote_expression (_) @name)] .)
      (parenthesized_expression (typed_expression [(identifier) @name (_ . (identifier) @name)] .))
    ])
    (typed_expression . (call_expression . [
      (identifier) @name
      (operator) @name
      (parametrized_type_expression . (identifier) @name)
      (field_expression value: (_) @scope [(identifier) @name (quote_expression (_) @name)] .)
      (parenthesized_expression (typed_expression [(identifier) @name (_ . (identifier) @name)] .))
    ]))
    (where_expression . (call_expression . [
      (identifier) @name
      (operator) @name
      (parametrized_type_expression . (identifier) @name)
      (field_expression value: (_) @scope [(identifier) @name (quote_expression (_) @name)] .)
      (parenthesized_expression (typed_expression [(identifier) @name (_ . (identifier) @name)] .))
    ]))
  ])
]) @function

(function_definition (signature (identifier) @name)) @function

(assignment
  .
  (binary_expression (operator) @name)) @function

; Lambdas
(assignment
  .
  (identifier) @name
  [
    (arrow_function_expression (_) . (_) @open)
    (function_definition (signature . (argument_list)) . (_) @open)
  ]) @function

; Signatures end where statements begin.
(function_definition (signature) . (_) @open) @definition
(macro_definition (signature) . (_) @open) @definition
(assignment . (_) . (operator) @open) @definition
