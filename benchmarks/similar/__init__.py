"""How good "find similar" is."""
