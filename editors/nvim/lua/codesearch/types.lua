---@meta
-- The types of the plugin and of what the server answers (docs/protocol.md). Never loaded.

---@alias codesearch.View 'quickfix'|'loclist'|'select'|'telescope'|'fzf'|'snacks'|'mini'

---@class codesearch.Config
---@field view? codesearch.View where commands show their hits; quickfix by default
---@field picker? codesearch.View the live picker; the first that is installed by default
---@field limit? integer most hits; the server's setting `search.limit` by default
---@field debounce? integer milliseconds without a key before a live query is sent; 120 by default
---@field duplicates? number share of code from which it is a duplicate; the server's setting

---@class codesearch.Options
---@field view? codesearch.View
---@field limit? integer
---@field all? boolean all folders of the server, not only the one of the current buffer
---@field languages? string[]
---@field kinds? string[]
---@field paths? string[] globs relative to the folder
---@field exclude_paths? string[]
---@field on_done? fun(hits?: codesearch.Hit[], err?: string) instead of a view

---@class codesearch.SimilarOptions: codesearch.Options
---@field lines? { [1]: integer, [2]: integer } 1-based inclusive lines, instead of the cursor
---@field text? string a snippet, instead of a place
---@field params? table the params of `codesearch/similar`, as a lens or a code action has them

---@class codesearch.DuplicatesOptions: codesearch.Options
---@field threshold? number

---@class codesearch.Hit
---@field location lsp.Location the whole definition
---@field selectionRange lsp.Range its name
---@field root string URI of the folder
---@field path string relative to it
---@field kind string
---@field name string
---@field qualifiedName string
---@field signature string
---@field language string
---@field score number
---@field snippet string
---@field explanation { parts: table<string, number>, views: string[] }
---@field encoding? string the client's position encoding, added here
---@field origin? codesearch.Hit what this is a duplicate of, added here

---@class codesearch.Answer
---@field hits codesearch.Hit[]
---@field completeness { units: integer, encoded: integer, complete: boolean }
---@field notes string[]

---@class codesearch.RootStatus
---@field root string
---@field path string
---@field name string
---@field phase string empty, scanning, parsing, encoding, ready, paused or error
---@field complete boolean
---@field isWriter boolean
---@field writerPid? integer
---@field files integer
---@field units integer
---@field encoded integer
---@field pending integer
---@field skipped table<string, integer>
---@field encoder string
---@field warnings string[]
---@field staleness { dirty: integer, secondsSinceScan?: number }
---@field currentFile? string
---@field lastError? string

---@class codesearch.Status
---@field version string
---@field protocolVersion integer
---@field pid integer
---@field roots codesearch.RootStatus[]
