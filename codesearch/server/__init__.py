"""The only room that knows pygls and LSP; one feature a file."""
