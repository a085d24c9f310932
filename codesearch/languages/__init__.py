"""Source text to units: the registry, one query file a language, and the extractor."""
