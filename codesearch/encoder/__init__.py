"""Text to vectors: the packaged encoder, any other by name or path, and the embedding cache."""
