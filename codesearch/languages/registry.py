"""The languages that are read as code: one line each, and nothing else knows their names.

Adding a language is a line here, `queries/<name>.scm` (its captures are described in
`queries/README.md`) and a fixture in `tests/languages/fixtures/<name>/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType


class FileModule(Enum):
    """Whether a file is a module in itself, which names what it defines."""

    NONE = auto()
    ALWAYS = auto()  # `scheduler.ml` is `Scheduler`
    CAPITALISED = auto()  # `Parser.zig` is the type `Parser`


@dataclass(frozen=True, slots=True)
class LanguageInfo:
    """What the generic extractor has to be told about a language besides its query.

    `comments`, `attributes` and `wrappers` are node types of the grammar.
    """

    name: str
    grammar: str  # Python module of the grammar wheel
    extensions: tuple[str, ...]  # lower case, with the dot
    filenames: tuple[str, ...] = ()
    interpreters: tuple[str, ...] = ()  # programs named in a `#!` line, without version
    family: str = ""  # the language that people mean by this one as well (TypeScript by TSX)
    grammar_function: str = "language"
    query: str = ""  # file name in queries/ without .scm; empty: the language's name
    comments: tuple[str, ...] = ("comment",)
    attributes: tuple[str, ...] = ()  # decorators and the like: in the span, not the signature
    wrappers: tuple[str, ...] = ()  # parents that belong to the definition: `export`, `template<>`
    separator: str = "."
    member_separator: str = ""  # between a type and its function; empty: `separator`
    static_separator: str = ""  # the same for a definition with @static; empty: `separator`
    constructors: tuple[str, ...] = ()  # method names that are constructors
    constructor_is_type_name: bool = False  # so is a method named as its type (C++)
    signature_ends: tuple[str, ...] = ("{", ":", "=")  # cut from the end of a signature
    opening: str = ""  # what a piece of a file needs before it to be read as code
    merge_equations: bool = False  # neighbours of one name are one unit (Haskell, Elixir)
    blanked: str = ""  # lines that are none of the grammar's (the C preprocessor in Haskell)
    docs_below: bool = False  # comments may stand below what they document (OCaml interfaces)
    file_module: FileModule = FileModule.NONE

    @property
    def query_file(self) -> str:
        """File name of the language's query."""
        return f"{self.query or self.name}.scm"


_C_COMMENTS = ("line_comment", "block_comment")
_JS_WRAPPERS = (
    "export_statement",
    "lexical_declaration",
    "variable_declaration",
    "expression_statement",
)

_ALL = (
    LanguageInfo(
        "python",
        "tree_sitter_python",
        (".py", ".pyi", ".pyw"),
        filenames=("SConstruct", "SConscript", "wscript"),
        interpreters=("python", "pypy"),
        attributes=("decorator",),
        wrappers=("decorated_definition", "expression_statement"),
        constructors=("__init__",),
    ),
    LanguageInfo(
        "javascript",
        "tree_sitter_javascript",
        (".js", ".jsx", ".mjs", ".cjs"),
        filenames=("Jakefile",),
        interpreters=("node", "nodejs", "bun"),
        comments=("comment", "html_comment"),
        attributes=("decorator",),
        wrappers=_JS_WRAPPERS,
        constructors=("constructor",),
        signature_ends=("{",),
    ),
    LanguageInfo(
        "typescript",
        "tree_sitter_typescript",
        (".ts", ".mts", ".cts"),
        interpreters=("deno", "ts-node", "tsx"),
        grammar_function="language_typescript",
        comments=("comment", "html_comment"),
        attributes=("decorator",),
        wrappers=(*_JS_WRAPPERS, "ambient_declaration"),
        constructors=("constructor",),
        signature_ends=("{", "=", ";"),
    ),
    LanguageInfo(
        "tsx",
        "tree_sitter_typescript",
        (".tsx",),
        family="typescript",
        grammar_function="language_tsx",
        query="typescript",
        comments=("comment", "html_comment"),
        attributes=("decorator",),
        wrappers=(*_JS_WRAPPERS, "ambient_declaration"),
        constructors=("constructor",),
        signature_ends=("{", "=", ";"),
    ),
    LanguageInfo(
        "go",
        "tree_sitter_go",
        (".go",),
        wrappers=("type_declaration", "var_declaration", "var_spec_list"),
        signature_ends=("{", "="),
    ),
    LanguageInfo(
        "rust",
        "tree_sitter_rust",
        (".rs",),
        interpreters=("rust-script",),
        comments=_C_COMMENTS,
        attributes=("attribute_item",),
        separator="::",
        signature_ends=("{", ";"),
    ),
    LanguageInfo(
        "java",
        "tree_sitter_java",
        (".java",),
        comments=_C_COMMENTS,
        attributes=("annotation", "marker_annotation"),
        signature_ends=("{", ";"),
    ),
    LanguageInfo(
        "c",
        "tree_sitter_c",
        (".c", ".h"),
        attributes=("attribute_declaration",),
        wrappers=("type_definition", "declaration"),
        separator="::",
        signature_ends=("{", ";"),
    ),
    LanguageInfo(
        "cpp",
        "tree_sitter_cpp",
        (
            *(".cc", ".cpp", ".cxx", ".c++", ".cppm", ".ixx"),
            *(".hh", ".hpp", ".hxx", ".h++", ".ipp", ".inl", ".tpp", ".cu", ".cuh"),
        ),
        attributes=("attribute_declaration",),
        wrappers=("template_declaration", "type_definition", "declaration"),
        separator="::",
        constructor_is_type_name=True,
        signature_ends=("{", ";", "="),
    ),
    LanguageInfo(
        "csharp",
        "tree_sitter_c_sharp",
        (".cs", ".csx"),
        attributes=("attribute_list",),
        signature_ends=("{", ";", "=>"),
    ),
    LanguageInfo(
        "ruby",
        "tree_sitter_ruby",
        (".rb", ".rake", ".gemspec", ".ru", ".podspec", ".thor"),
        filenames=("Rakefile", "Gemfile", "Guardfile", "Vagrantfile", "Podfile", "Fastfile"),
        interpreters=("ruby", "jruby"),
        separator="::",
        member_separator="#",
        static_separator=".",
        constructors=("initialize",),
        signature_ends=("=", "do", "{"),
    ),
    LanguageInfo(
        "php",
        "tree_sitter_php",
        (".php", ".phtml", ".php5", ".inc"),
        interpreters=("php",),
        grammar_function="language_php",
        attributes=("attribute_list",),
        wrappers=("expression_statement",),
        separator="\\",
        member_separator="::",
        constructors=("__construct",),
        signature_ends=("{", ";", "=", "=>"),
        opening="<?php",
    ),
    LanguageInfo(
        "kotlin",
        "tree_sitter_kotlin",
        (".kt", ".kts"),
        interpreters=("kotlin",),
        comments=_C_COMMENTS,
        attributes=("annotation",),
        signature_ends=("{", "="),
    ),
    LanguageInfo(
        "swift",
        "tree_sitter_swift",
        (".swift",),
        interpreters=("swift",),
        comments=("comment", "multiline_comment"),
        attributes=("attribute",),
        constructors=("init",),
        signature_ends=("{", "="),
    ),
    LanguageInfo(
        "scala",
        "tree_sitter_scala",
        (".scala", ".sc", ".sbt"),
        interpreters=("scala", "amm"),
        comments=("comment", "block_comment"),
        attributes=("annotation",),
        constructors=("this",),
        signature_ends=("{", "=", ":", "with"),
    ),
    LanguageInfo(
        "lua",
        "tree_sitter_lua",
        (".lua", ".rockspec"),
        interpreters=("lua", "luajit"),
        wrappers=("variable_declaration",),
        member_separator=":",
        static_separator=".",
        signature_ends=("=",),
    ),
    LanguageInfo(
        "bash",
        "tree_sitter_bash",
        (".sh", ".bash", ".zsh", ".ksh", ".bats", ".ebuild"),
        filenames=(".bashrc", ".bash_profile", ".profile", ".zshrc", "PKGBUILD", "APKBUILD"),
        interpreters=("sh", "bash", "dash", "zsh", "ksh", "bats"),
        signature_ends=("{",),
    ),
    LanguageInfo(
        "elixir",
        "tree_sitter_elixir",
        (".ex", ".exs"),
        interpreters=("elixir",),
        signature_ends=("do", ","),
        merge_equations=True,
    ),
    LanguageInfo(
        "haskell",
        "tree_sitter_haskell",
        (".hs", ".hs-boot"),
        interpreters=("runhaskell", "runghc", "stack"),
        comments=("comment", "haddock"),
        blanked=r"^#[ \t]*(?:if|el|endif|define|undef|include|error|warning|line)[^\n]*",
        attributes=(),
        signature_ends=("=", "where", "|"),
        merge_equations=True,
    ),
    LanguageInfo(
        "zig",
        "tree_sitter_zig",
        (".zig", ".zon"),
        file_module=FileModule.CAPITALISED,
        signature_ends=("{", ";", "="),
    ),
    LanguageInfo(
        "dart",
        "tree_sitter_dart",
        (".dart",),
        interpreters=("dart",),
        comments=("comment", "documentation_comment"),
        attributes=("annotation",),
        signature_ends=("{", ";", "=>"),
    ),
    LanguageInfo(
        "ocaml",
        "tree_sitter_ocaml",
        (".ml",),
        file_module=FileModule.ALWAYS,
        interpreters=("ocaml",),
        grammar_function="language_ocaml",
        attributes=("item_attribute",),
        wrappers=("value_definition", "type_definition", "module_definition", "class_definition"),
        signature_ends=("=", ":"),
    ),
    LanguageInfo(
        "ocaml_interface",
        "tree_sitter_ocaml",
        (".mli",),
        family="ocaml",
        grammar_function="language_ocaml_interface",
        docs_below=True,
        file_module=FileModule.ALWAYS,
        attributes=("item_attribute",),
        wrappers=("type_definition", "module_definition", "class_definition"),
        signature_ends=("=", ":", "->"),
    ),
    LanguageInfo(
        "julia",
        "tree_sitter_julia",
        (".jl",),
        interpreters=("julia",),
        comments=_C_COMMENTS,
        wrappers=("macro_argument_list", "macrocall_expression", "const_statement"),
        constructor_is_type_name=True,
        signature_ends=("=", " end"),
    ),
)

LANGUAGES: Mapping[str, LanguageInfo] = MappingProxyType({info.name: info for info in _ALL})
"""Every language that is read as code, by name. Grammars are loaded when first used."""
