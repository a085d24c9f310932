; Ruby: `#` joins instance methods, `.` singleton methods, `::` constants.

(module name: (_) @name body: (_)? @body) @module
(class name: (_) @name body: (_)? @body) @class

; Classes made by a call: Point = Struct.new(:x, :y) do ... end
(assignment
  left: (constant) @name
  right: (call
    receiver: (constant) @_maker
    method: (identifier) @_new
    block: (_ body: (_)? @body)?)
  (#any-of? @_maker "Class" "Struct" "Data")
  (#any-of? @_new "new" "define")) @class
(assignment
  left: (constant) @name
  right: (call
    receiver: (constant) @_maker
    method: (identifier) @_new
    block: (_ body: (_)? @body)?)
  (#eq? @_maker "Module")
  (#eq? @_new "new")) @module

(method
  name: (_) @name
  parameters: (method_parameters)? @parameters
  body: (_)? @body) @method

(program
  (method
    name: (_) @name
    parameters: (method_parameters)? @parameters
    body: (_)? @body) @function)

(singleton_method
  object: (self) @static
  name: (_) @name
  parameters: (method_parameters)? @parameters
  body: (_)? @body) @method
(singleton_method
  object: [(constant) (identifier)] @scope @static
  name: (_) @name
  parameters: (method_parameters)? @parameters
  body: (_)? @body) @method

; class << self
(singleton_class
  value: (self) @static
  body: (body_statement
    (method
      name: (_) @name
      parameters: (method_parameters)? @parameters
      body: (_)? @body) @method))
(singleton_class
  value: (self) @static
  body: (body_statement
    (call
      arguments: (argument_list
        (method
          name: (_) @name
          parameters: (method_parameters)? @parameters
          body: (_)? @body) @method))))

; define_method(:name) { ... }
(call
  method: (identifier) @_define
  arguments: (argument_list . [(simple_symbol) (string)] @name)
  block: (_ body: (_) @body)
  (#any-of? @_define "define_method" "define_singleton_method")) @method

; Lambdas and procs bound to a name.
(assignment
  left: [(identifier) (constant) (instance_variable) (class_variable) (global_variable)] @name
  right: (lambda body: (_) @body)) @function
(assignment
  left: [(identifier) (constant) (instance_variable) (class_variable) (global_variable)] @name
  right: (call
    !receiver
    method: (identifier) @_maker
    block: (_ body: (_) @body))
  (#any-of? @_maker "lambda" "proc")) @function
(assignment
  left: [(identifier) (constant) (instance_variable) (class_variable) (global_variable)] @name
  right: (call
    receiver: (constant) @_maker
    method: (identifier) @_new
    block: (_ body: (_) @body))
  (#eq? @_maker "Proc")
  (#eq? @_new "new")) @function
