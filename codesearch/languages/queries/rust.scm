(function_item name: (_) @name parameters: (_) @parameters body: (_) @body) @function
(function_signature_item name: (_) @name) @function
(struct_item name: (_) @name) @struct
(struct_item name: (_) @name body: (field_declaration_list) @body) @struct
(union_item name: (_) @name body: (_) @body) @struct
(enum_item name: (_) @name body: (_) @body) @enum
(trait_item name: (_) @name body: (_) @body) @trait
; an associated type is part of its impl
(source_file (type_item name: (_) @name) @type)
(mod_item body: (declaration_list (type_item name: (_) @name) @type))
(mod_item name: (_) @name body: (_) @body) @module
(macro_definition name: (_) @name . _ @open) @macro

; impl Foo, impl<T> Trait for path::Foo<T>: the methods are typed Foo::method
(impl_item type: (_) @scope.name body: (_) @body) @scope.type
(impl_item type: (reference_type type: (_) @scope.name) body: (_) @body) @scope.type

; closures bound to names
(let_declaration pattern: (identifier) @name value: (closure_expression body: (_) @body)) @function
