CREATE TABLE metadata (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    source_id TEXT NOT NULL,
    key TEXT NOT NULL,
    type TEXT NOT NULL,
    value TEXT NOT NULL,
    tags TEXT NOT NULL,
    access TEXT NOT NULL,
    UNIQUE (source, source_id, key)
);
