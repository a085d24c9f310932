-- `:Telescope codesearch`, after require('telescope').load_extension('codesearch').
return require('telescope').register_extension({
  exports = {
    codesearch = function(options)
      require('codesearch.pickers.telescope').live(options or {})
    end,
  },
})
