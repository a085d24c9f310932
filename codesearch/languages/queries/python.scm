(function_definition name: (identifier) @name parameters: (_) @parameters body: (_) @body) @function
(class_definition name: (identifier) @name body: (_) @body) @class

(function_definition body: (block . (expression_statement (string) @doc))) @definition
(class_definition body: (block . (expression_statement (string) @doc))) @definition

(assignment left: (identifier) @name right: (lambda body: (_) @body)) @function
(assignment left: (attribute) @name right: (lambda body: (_) @body)) @function
(type_alias_statement left: (type (identifier) @name)) @type
(type_alias_statement left: (type (generic_type (identifier) @name))) @type
