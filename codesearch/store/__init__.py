"""The only room that knows LanceDB: schema, upsert, delete, indexes, compaction, locks."""
