; Everything in Elixir is a call: definitions are told apart by what is called.

; Documentation stands before its definition, @moduledoc within it.
((unary_operator
  operand: (call
    target: (identifier) @_attribute
    (arguments . [(string) (sigil)] @doc)))
  (#any-of? @_attribute "doc" "typedoc"))

((unary_operator operand: (call target: (identifier) @_attribute)) @attribute
  (#any-of? @_attribute "deprecated" "dialyzer" "doc" "impl" "since" "spec" "typedoc"))

; Modules
((call
  target: (identifier) @_keyword
  (arguments . (alias) @name)
  (do_block) @body) @module
  (#eq? @_keyword "defmodule"))

((call
  target: (identifier) @_keyword
  (arguments . (alias) @name)
  (do_block
    (unary_operator
      operand: (call
        target: (identifier) @_attribute
        (arguments . [(string) (sigil)] @doc)))) @body) @module
  (#eq? @_keyword "defmodule")
  (#eq? @_attribute "moduledoc"))

((call
  target: (identifier) @_keyword
  (arguments . (alias) @name)
  (do_block) @body) @interface
  (#eq? @_keyword "defprotocol"))

((call
  target: (identifier) @_keyword
  (arguments . (alias) @name)
  (do_block
    (unary_operator
      operand: (call
        target: (identifier) @_attribute
        (arguments . [(string) (sigil)] @doc)))) @body) @interface
  (#eq? @_keyword "defprotocol")
  (#eq? @_attribute "moduledoc"))

; An implementation is a module named by its protocol and its type.
((call
  target: (identifier) @_keyword
  (arguments . (alias) @scope.name .)
  (do_block) @body) @scope.type
  (#eq? @_keyword "defimpl"))

((call
  target: (identifier) @_keyword
  (arguments
    . (alias) @scope
    (keywords (pair value: (_) @scope.name)))
  (do_block) @body) @scope.type
  (#eq? @_keyword "defimpl"))

; Functions and macros: `def name(arguments)`, with or without a guard
((call
  target: (identifier) @_keyword
  (arguments
    . [
      (identifier) @name
      (call target: (identifier) @name)
      (binary_operator
        left: [(identifier) @name (call target: (identifier) @name)]
        operator: "when")
    ]
    (keywords)? @body)
  (do_block)? @body) @function
  (#any-of? @_keyword "def" "defp" "defdelegate" "defn" "defnp"))

((call
  target: (identifier) @_keyword
  (arguments
    . [
      (identifier) @name
      (call target: (identifier) @name)
      (binary_operator
        left: [(identifier) @name (call target: (identifier) @name)]
        operator: "when")
    ]
    (keywords)? @body)
  (do_block)? @body) @macro
  (#any-of? @_keyword "defmacro" "defmacrop" "defguard" "defguardp"))


; Operators: `def left <~> right`
((call
  target: (identifier) @_keyword
  (arguments
    . [
      (binary_operator operator: _ @name)
      (binary_operator
        left: (binary_operator operator: _ @name)
        operator: "when")
    ]
    (keywords)? @body)
  (do_block)? @body) @function
  (#any-of? @_keyword "def" "defp")
  (#not-eq? @name "when"))

((call
  target: (identifier) @_keyword
  (arguments
    . [
      (binary_operator operator: _ @name)
      (binary_operator
        left: (binary_operator operator: _ @name)
        operator: "when")
    ]
    (keywords)? @body)
  (do_block)? @body) @macro
  (#any-of? @_keyword "defmacro" "defmacrop")
  (#not-eq? @name "when"))

; Types and callbacks
((unary_operator
  operand: (call
    target: (identifier) @_attribute
    (arguments
      . [
        (binary_operator
          left: [(identifier) @name (call target: (identifier) @name)]
          operator: "::")
        (binary_operator
          left: (binary_operator
            left: [(identifier) @name (call target: (identifier) @name)]
            operator: "::")
          operator: "when")
      ]))) @type
  (#any-of? @_attribute "type" "typep" "opaque"))

((unary_operator
  operand: (call
    target: (identifier) @_attribute
    (arguments
      . [
        (binary_operator
          left: [(identifier) @name (call target: (identifier) @name)]
          operator: "::")
        (binary_operator
          left: (binary_operator
            left: [(identifier) @name (call target: (identifier) @name)]
            operator: "::")
          operator: "when")
      ]))) @function
  (#any-of? @_attribute "callback" "macrocallback"))

; Tests
((call
  target: (identifier) @_keyword
  (arguments . (string) @scope.name)
  (do_block) @body) @scope.block
  (#eq? @_keyword "describe"))

((call
  target: (identifier) @_keyword
  (arguments . (string) @name)
  (do_block) @body) @function
  (#any-of? @_keyword "test" "property"))
